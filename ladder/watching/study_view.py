"""What the page shows of a study at one moment, as values that JSON can hold."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

from ...reports.analysis.best_rung import best_rung
from ...reports.read.measures import curve_examples, known_metric
from ...reports.read.run_set import Rung
from ...reports.statistics.intervals import estimate
from ...reports.wording import figure_text, metric_text
from .arm_curves import drawn_columns, last_value
from .found_study import FoundStudy
from .growth_so_far import goes_on, seconds_to_its_end
from .run_reader import SeenRun
from .run_state import GIVEN_UP, RUNNING, STOPPED, WAITING
from .time_left import Work, seconds_left
from .verdicts_so_far import Verdicts


def view_of(found: FoundStudy, verdicts: Verdicts) -> dict[str, Any]:
    """Returns the table of arms, and the titles of its columns."""
    run_set, columns = found.run_set, drawn_columns(found)
    best = best_rung(run_set) if run_set.is_ladder else None
    return {
        "metric": metric_text(columns[0].removeprefix("val_")) if columns else "",
        "worth": verdicts.worth,
        "columns": columns,
        "arms": [
            _arm(rung, found, verdicts, columns) | {"is_best": rung is best}
            for rung in run_set.rungs
        ],
    }


def time_left(found: FoundStudy, workers: int) -> float | None:
    """Returns the expected seconds to the end of the study; None if they cannot be known.

    For a growth these are the seconds until its minutes are over, since its future runs are not
    known.

    Args:
        found: the study.
        workers: how many runs are trained at a time.
    """
    if goes_on(found.run_set):
        return seconds_to_its_end(found)
    costs = {entry["name"]: entry.get("cost") for entry in found.run_set.ladder.get("rungs", ())}
    works = {
        rung.name: [
            *_works(found, rung),
            *(Work(0.0, 0.0) for _ in rung.not_started),
        ]
        for rung in found.run_set.rungs
    }
    return seconds_left(works, costs, workers)


def _arm(
    rung: Rung, found: FoundStudy, verdicts: Verdicts, columns: Sequence[str]
) -> dict[str, Any]:
    runs, row = found.runs_of(rung), verdicts.rows.get(rung.name)
    column = columns[0] if columns else ""
    values = (
        rung.values("val")
        if found.run_set.is_ladder
        else [_value(seen, column) for seen in runs if seen.run.status == "done"]
    )
    return {
        "index": rung.index,
        "name": rung.name,
        "changed": rung.changed,
        "runs": [
            *(_run(seen, found.state_of(seen), column) for seen in runs),
            *({"seed": seed, "state": WAITING} for seed in rung.not_started),
        ],
        "validation": figure_text(estimate(values)),
        "worth": row.cells[1] if row else "",
        "verdict": row.cells[2] if row else "",
        "kind": row.kind if row else "",
        "curves": _version(runs),
    }


def _run(seen: SeenRun, state: str, column: str) -> dict[str, Any]:
    value, is_done = _value(seen, column), seen.run.status == "done"
    return {
        "seed": seen.run.seed,
        "state": state,
        "reason": seen.run.reason,
        "epoch": seen.epoch,
        "epochs": seen.epochs,
        "at": seen.at,
        "value": None if math.isnan(value) else float(f"{value:.4g}"),
        # The number of validation examples that the value is measured on, if not all of them.
        "first": None if is_done else curve_examples(seen.run),
    }


def _value(seen: SeenRun, column: str) -> float:
    """Returns the final figure of a run that is done, otherwise the last figure of its curve.

    They may differ: the final network need not be the last epoch's, and it is measured on all
    examples.
    """
    final = known_metric(seen.run, column) if seen.run.status == "done" else math.nan
    return last_value(seen.history, column) if math.isnan(final) else final


def _works(found: FoundStudy, rung: Rung) -> Iterator[Work]:
    """Yields the runs that have begun, except those given up, which say nothing about the rest."""
    for seen in found.runs_of(rung):
        state = found.state_of(seen)
        if state != GIVEN_UP:
            yield _work(seen, state)


def _work(seen: SeenRun, state: str) -> Work:
    if state not in (RUNNING, STOPPED):
        return Work(float(seen.run.details.get("seconds") or seen.seconds), 1.0)
    part = seen.epoch / seen.epochs if seen.epochs else 0.0
    # The final evaluation comes after the last epoch.
    return Work(seen.seconds, min(part, 0.99))


def _version(runs: Sequence[SeenRun]) -> str:
    """Returns a text that changes when an arm's curves change."""
    told = repr([(str(seen.run.folder), seen.stamps) for seen in runs])
    return hashlib.sha256(told.encode()).hexdigest()[:12]
