"""The tables of a report: a row per rung, and a row per run."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...runs.atomic_files import write_text
from ..read.measures import MEASURES, measures
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import Estimate, estimate, paired_difference

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6
"""Decimals that figures are rounded to, so that a table reads the same whatever sums them."""
_WHOLE = ("rung", "runs", "failed", "seed", "params", "epochs")


def ladder_frame(run_set: RunSet) -> pd.DataFrame:
    """A row per rung: means over its runs that are done.

    `delta` is the mean difference of validation accuracy to the rung below over the seeds done in
    both, `delta_low` to `delta_high` its 95 % t interval. What is not known is blank.
    """
    deltas = rung_deltas(run_set)
    rows = [_rung_row(rung, deltas.get(rung.name)) for rung in run_set.rungs]
    frame = _frame(rows)
    if frame["reported"].isna().all():
        frame = frame.drop(columns="reported")
    return frame


def runs_frame_of(run_set: RunSet) -> pd.DataFrame:
    """A row per run, in order of rung and seed, with the final figures of those that are done."""
    rows = [
        {
            "rung": rung.index,
            "name": rung.name,
            "seed": run.seed,
            "status": run.status,
            "reason": run.reason,
            "folder": run.folder.name,
            **measures(run),
        }
        for rung in run_set.rungs
        for run in rung.runs
    ]
    columns = ["rung", "name", "seed", "status", "reason", "folder", *MEASURES]
    return _frame(rows, columns)


def rung_deltas(run_set: RunSet) -> dict[str, Estimate]:
    """What each rung adds to validation accuracy over the one below, by the rung's name.

    Without rungs that share a seed and are done, and in a flat report, a rung is missing.
    """
    if not run_set.is_ladder:
        return {}
    deltas = {
        rung.name: paired_difference(rung.by_seed("val_accuracy"), below.by_seed("val_accuracy"))
        for below, rung in pairwise(run_set.rungs)
    }
    return {name: delta for name, delta in deltas.items() if delta.count}


def write_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table at once as CSV, blank where a cell is not known."""
    write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def _rung_row(rung: Rung, delta: Estimate | None) -> dict[str, Any]:
    means = {name: estimate(rung.values(name)) for name in MEASURES}
    gaps = [figures["train_accuracy"] - figures["val_accuracy"] for figures in rung.figures]
    return {
        "rung": rung.index,
        "recipe": rung.recipe,
        "changed": rung.changed,
        "runs": len(rung.done),
        "failed": len(rung.failed),
        "params": means["params"].mean,
        "epochs": means["epochs"].mean,
        "train_accuracy": means["train_accuracy"].mean,
        "val_accuracy": means["val_accuracy"].mean,
        "test_accuracy": means["test_accuracy"].mean,
        "gap": estimate(gaps).mean,
        "delta": delta.mean if delta else math.nan,
        "delta_low": delta.low if delta else math.nan,
        "delta_high": delta.high if delta else math.nan,
        "seconds": means["seconds"].mean,
        "best_val_accuracy": means["best_val_accuracy"].mean,
        "best_epoch": means["best_epoch"].mean,
        "test_macro_f1": means["test_macro_f1"].mean,
        "test_balanced_accuracy": means["test_balanced_accuracy"].mean,
        "train_accuracy_std": means["train_accuracy"].std,
        "val_accuracy_std": means["val_accuracy"].std,
        "test_accuracy_std": means["test_accuracy"].std,
        "reported": math.nan if rung.reported is None else rung.reported,
    }


def _frame(rows: list[dict[str, Any]], columns: list[str] | None = None) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=columns)
    for name in frame.columns:
        if name in _WHOLE:
            frame[name] = frame[name].astype("Float64").round().astype("Int64")
        elif frame[name].dtype == "float64":
            frame[name] = frame[name].round(DIGITS) + 0.0  # so that no -0.0 is written
    return frame
