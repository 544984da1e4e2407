"""The tables of a report: a row per rung, and a row per run."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...runs.atomic_files import write_text
from ..analysis.best_rung import best_seed_gain
from ..analysis.effects import contrast
from ..analysis.epochs_to_reach import end_levels, epochs_to_reach
from ..analysis.judgements import Judgement, compared_pairs, judgements
from ..analysis.view_gains import view_gain
from ..analysis.whole_stack import judge_stack
from ..read.measures import (
    MEASURES,
    OF_CLASSES,
    OF_NUMBERS,
    OF_THE_METRIC,
    figure_name,
    measures,
    measures_beside,
)
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import Estimate, estimate, paired_difference
from ..statistics.two_sources import Difference

if TYPE_CHECKING:
    import pandas as pd

# Figures are rounded, so that a table reads the same however they were summed: to this many
# decimals, and below a thousandth, as errors in small units are, to this many digits.
_DECIMALS = 6
_DIGITS = 4
# Anything smaller is rounding error of sums.
_MOST_DECIMALS = 12
# A column of these that is empty says nothing of most ladders.
_VIEWS = ("views_gain", "views_gain_low", "views_gain_high")
_OF_STACK = tuple(f"stack_{part}" for part in ("delta", "low", "high", "seeds", "verdict"))
_ONLY_IF_KNOWN = (
    "reported",
    "name",
    "margin",
    "val_balanced_accuracy",
    "epochs_to_first",
    *_VIEWS,
    *OF_NUMBERS,
    *_OF_STACK,
    "p_level",
)
_OF_CROSS_ENTROPY = tuple(f"delta_cross_entropy{end}" for end in ("", "_low", "_high"))
_WHOLE = ("rung", "runs", "failed", "seed", "params", "epochs", "judged_seeds", "stack_seeds")


def ladder_frame(run_set: RunSet) -> pd.DataFrame:
    """A row per rung: means over its runs that are done.

    `delta` is how much better the deciding validation figure is than that of the rung that it is
    compared with, the one below in a ladder, over the seeds done in both: their mean difference, or
    minus it where less is better; `delta_low` to `delta_high` is its 95 % t interval, which covers
    the choice of seeds alone, or, where each seed has a split of its own, the corrected resampled t
    interval, which covers that of the split too. What is not known is blank, and so is the interval
    of what is the same in every seed. Where names say more than number and recipes, they stand in
    `name`.

    `train_`, `val_` and `test_` with the metric's name are final figures, of all examples of the
    split, `_std` behind them their deviation over the runs; `gap` is how much better training is
    than validation. `best_val_` with the metric's name is the mean of the best figures of the runs'
    curves, which may be measured on the first validation examples alone (`val_in_epochs` in
    run.json), so it may be below the final one; `best_epoch` is the mean of the epochs of these
    best figures.

    `verdict` is `helps`, `hurts`, `no difference` (none larger than `margin`) or `undecided`: that
    of `trickbook.reports.analysis.judgements`, read from `judged_delta` (the same
    difference, over the seeds with which it was decided) and its interval, which covers what
    `interval_covers` says; `p` is its two-sided p, `p_holm` that adjusted for all comparisons,
    and `p_level`, where the study is looked at several times, what the look held it against.
    `delta_cross_entropy` is the same of the plain validation cross-entropy, in nats, turned so that
    above zero is better. `seed_correlation` is that of the two rungs over their seeds, and
    `best_seed_gain` how much better the best seed is than the mean. `epochs_to_first` is the mean
    of the first epochs at which the curves are where those of the first rung, seed by seed, end,
    blank if one never is (`trickbook.reports.analysis.epochs_to_reach`). `views_gain` is how much
    better the deciding validation figure is over several views of each image, with its 95 % t
    interval.
    `stack_delta`, with interval, seeds and verdict, is what the top rung is worth against the
    lowest: one comparison, judged apart from the steps.
    """
    deltas, judged, stack = rung_deltas(run_set), judgements(run_set), judge_stack(run_set)
    levels = end_levels(run_set)
    frame = _frame(
        [
            _rung_row(rung, deltas.get(rung.name), run_set)
            | {"epochs_to_first": _mean_if_all(epochs_to_reach(rung, levels, run_set.deciding))}
            | _judged(judged.get(rung.name))
            | _stack(stack if stack and stack.arm == rung.name else None)
            for rung in run_set.rungs
        ]
    )
    metric = run_set.deciding.metric
    return _without_empty(frame, (*_ONLY_IF_KNOWN, *_of_other_tasks(metric)), metric)


def runs_frame_of(run_set: RunSet) -> pd.DataFrame:
    """A row per run, in order of rung and seed, with the final figures of those that are done."""
    metric = run_set.deciding.metric
    beside = measures_beside(metric)
    rows = [
        {
            "rung": rung.index,
            "name": rung.name,
            "seed": run.seed,
            "status": run.status,
            "reason": run.reason,
            "folder": run.folder.name,
            **{figure_name(name, metric): measures(run)[name] for name in beside},
        }
        for rung in run_set.rungs
        for run in rung.runs
    ]
    figures = [figure_name(name, metric) for name in beside]
    columns = ["rung", "name", "seed", "status", "reason", "folder", *figures]
    frame = _frame(rows, columns)
    return _without_empty(frame, (*OF_NUMBERS, *_of_other_tasks(metric)), metric)


def study_frame(rows: list[dict[str, Any]], settings: Collection[str] = ()) -> pd.DataFrame:
    """A table of these rows, with figures rounded so that the order of summing does not show.

    Args:
        rows: By column.
        settings: The columns of values that runs were given, which stay as they are.
    """
    import pandas as pd

    return _rounded(pd.DataFrame(rows), settings)


def difference_columns(name: str, found: Difference | None) -> dict[str, float]:
    """The mean of a difference and the ends of its interval; NaN if there is none."""
    numbers = (found.mean, found.low, found.high) if found else (math.nan,) * 3
    return dict(zip((name, f"{name}_low", f"{name}_high"), numbers, strict=True))


def rounded(value: float) -> float:
    """A figure with as many digits as a table shows."""
    if value == 0 or not math.isfinite(value):
        return value + 0.0  # so that no -0.0 is written
    needed = _DIGITS - 1 - math.floor(math.log10(abs(value)))
    return round(value, min(max(_DECIMALS, needed), _MOST_DECIMALS)) + 0.0


def rung_deltas(run_set: RunSet) -> dict[str, Estimate]:
    """How much better each rung's deciding validation figure is than its reference's, by rung name.

    The interval is the plain t over seeds, or, if each seed has its own split, the corrected
    resampled t. A rung is missing if it shares no finished seed with its reference, or in a flat
    report.
    """
    pairs = compared_pairs(run_set)
    deltas = {rung.name: _delta(run_set, rung, against) for rung, against in pairs}
    return {name: delta for name, delta in deltas.items() if delta and delta.count}


def _delta(run_set: RunSet, rung: Rung, against: Rung) -> Estimate | None:
    if run_set.ladder.get("splits"):
        found = contrast(run_set, [rung], [against])
        if found is None:
            return None
        return replace(found.over_seeds, mean=found.mean, low=found.low, high=found.high)
    better, worse = (rung, against) if run_set.deciding.sign > 0 else (against, rung)
    return paired_difference(better.by_seed("val"), worse.by_seed("val"))


def write_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table as CSV, atomically; unknown cells are blank."""
    write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def _of_other_tasks(metric: str) -> tuple[str, ...]:
    """Columns of classes, where a metric of numbers decides."""
    return (*OF_CLASSES, *_OF_CROSS_ENTROPY) if f"val_{metric}" in OF_NUMBERS else ()


def _without_empty(frame: pd.DataFrame, sometimes: tuple[str, ...], metric: str) -> pd.DataFrame:
    # The deciding metric always has its columns, even if the test set is unread or all runs failed.
    left_out = {*sometimes} - {figure_name(name, metric) for name in OF_THE_METRIC}
    return frame.drop(
        columns=[name for name in frame if name in left_out and frame[name].isna().all()]
    )


def _rung_row(rung: Rung, delta: Estimate | None, run_set: RunSet) -> dict[str, Any]:
    deciding, metric = run_set.deciding, run_set.deciding.metric
    means = {name: estimate(rung.values(name)) for name in MEASURES}
    views = view_gain(rung, deciding, "val")
    gaps = [deciding.sign * (figures["train"] - figures["val"]) for figures in rung.figures]
    return {
        "rung": rung.index,
        "recipe": rung.recipe,
        "changed": rung.changed,
        "runs": len(rung.done),
        "failed": len(rung.failed),
        "params": means["params"].mean,
        "epochs": means["epochs"].mean,
        f"train_{metric}": means["train"].mean,
        f"val_{metric}": means["val"].mean,
        f"test_{metric}": means["test"].mean,
        "gap": estimate(gaps).mean,
        "delta": delta.mean if delta else math.nan,
        **dict(zip(("delta_low", "delta_high"), _interval(delta), strict=True)),
        "seconds": means["seconds"].mean,
        f"best_val_{metric}": means["best_val"].mean,
        "best_epoch": means["best_epoch"].mean,
        "test_macro_f1": means["test_macro_f1"].mean,
        "test_balanced_accuracy": means["test_balanced_accuracy"].mean,
        f"train_{metric}_std": means["train"].std,
        f"val_{metric}_std": means["val"].std,
        f"test_{metric}_std": means["test"].std,
        **{
            name: means[name].mean
            for name in ("val_balanced_accuracy", *OF_NUMBERS)
            if name in measures_beside(metric)
        },
        "reported": math.nan if rung.reported is None else rung.reported,
        "best_seed_gain": best_seed_gain(rung, run_set),
        **dict(zip(_VIEWS, (views.mean, *_interval(views)), strict=True)),
        "name": _telling_name(rung),
    }


def _mean_if_all(numbers: list[float]) -> float:
    is_known = bool(numbers) and all(map(math.isfinite, numbers))
    return sum(numbers) / len(numbers) if is_known else math.nan


def _interval(value: Estimate | None) -> tuple[float, float]:
    """The ends of the interval; NaN if all seeds are equal, which gives none and proves nothing."""
    if value is None or not value.low < value.high:
        return math.nan, math.nan
    return value.low, value.high


def _telling_name(rung: Rung) -> str | None:
    """The rung's name where it says more than its number and recipes, as `05-network-gru`."""
    number = f"{rung.index:02d}-"
    is_of_ladder = rung.name.startswith(number) and rung.name != rung.recipe
    says_more = is_of_ladder and rung.name != f"{number}{rung.recipe}"
    return rung.name if says_more else None


def _judged(judgement: Judgement | None) -> dict[str, Any]:
    found = judgement.difference if judgement else None
    return {
        "verdict": judgement.verdict.kind if judgement else None,
        "margin": judgement.verdict.margin if judgement else None,
        "judged_delta": found.mean if found else math.nan,
        "judged_low": found.low if found else math.nan,
        "judged_high": found.high if found else math.nan,
        "interval_covers": found.covers if found and found.is_known else None,
        "judged_seeds": found.seeds if found else math.nan,
        "p": found.p if found else math.nan,
        "p_holm": judgement.verdict.p if judgement else math.nan,
        "p_level": judgement.verdict.error if judgement and judgement.looks else math.nan,
        "seed_correlation": found.correlation if found else math.nan,
        **difference_columns("delta_cross_entropy", judgement.cross_entropy if judgement else None),
    }


def _stack(judgement: Judgement | None) -> dict[str, Any]:
    found = judgement.difference if judgement else None
    if judgement is None or found is None:
        return dict.fromkeys(_OF_STACK, math.nan)
    values = (found.mean, found.low, found.high, found.seeds, judgement.verdict.kind)
    return dict(zip(_OF_STACK, values, strict=True))


def _frame(rows: list[dict[str, Any]], columns: list[str] | None = None) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=columns)
    for name in frame.columns:
        if name in _WHOLE:
            frame[name] = frame[name].astype("Float64").round().astype("Int64")
    return _rounded(frame)


def _rounded(frame: pd.DataFrame, settings: Collection[str] = ()) -> pd.DataFrame:
    for name in frame.columns:
        if frame[name].dtype == "float64" and name not in settings:
            frame[name] = frame[name].map(rounded)
    return frame
