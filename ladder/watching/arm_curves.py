"""The learning curves of an arm, so far: of each of its seeds, and their mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...reports.figures.live_panels import MOST_POINTS
from ...reports.figures.overlay_figure import validation_columns
from ...reports.read.epochs import mean_history, measured
from ...reports.read.metric_columns import read_metric
from ...reports.read.panels import is_metric
from ...reports.wording import metric_text
from .found_study import FoundStudy
from .run_reader import SeenRun

if TYPE_CHECKING:
    import pandas as pd


def drawn_columns(found: FoundStudy) -> list[str]:
    """Returns the validation columns to draw: what decides, and the cross-entropy or the loss."""
    run_set = found.run_set
    runs = [one for rung in run_set.rungs for one in found.runs_of(rung)]
    histories = [one.history for one in runs if len(one.history)]
    if run_set.is_ladder or any("task" in one.run.details for one in runs):
        return list(dict.fromkeys(validation_columns(histories, run_set.deciding)))
    columns = [str(name) for history in histories for name in history if is_metric(str(name))]
    metric = read_metric(list(dict.fromkeys(columns)))
    return [] if metric is None else list(dict.fromkeys([metric.val, f"val_{metric.loss}"]))


def panel_titles(columns: Sequence[str]) -> list[str]:
    """Returns what stands above the panel of each column."""
    return [metric_text(column.removeprefix("val_")) for column in columns]


def last_value(history: pd.DataFrame, column: str) -> float:
    """Returns the last finite figure of a column; NaN where there is none."""
    _, values = measured(history, column)
    return float(values[-1]) if len(values) else math.nan


def arm_curves(seen: Sequence[SeenRun], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Returns a panel for each column: `validation` and `train`, each with `seeds` and a `mean`.

    The mean is that of the seeds that are done, as far as all of them go: with one that has just
    begun it would end where that one stands. Without any it is that of all.

    Args:
        seen: the runs of the arm.
        columns: validation columns; those of training are Keras's running means.
    """
    done = [one.history for one in seen if one.run.status == "done"]
    mean = mean_history(done or [one.history for one in seen]) if seen else None
    return [
        {
            part: {
                "seeds": [_line(one.history, name) for one in seen],
                "mean": None if mean is None else _line(mean, name),
            }
            for part, name in (("validation", column), ("train", column.removeprefix("val_")))
        }
        for column in columns
    ]


def _line(history: pd.DataFrame, column: str) -> list[list[float]]:
    """Epochs and values of a line, of a long one every second, third, ... point and the last."""
    x, y = measured(history, column)
    step = max(1, -(-len(x) // MOST_POINTS))
    kept = sorted({*range(0, len(x), step), *([len(x) - 1] if len(x) else [])})
    return [np.asarray(x)[kept].tolist(), [float(f"{value:.5g}") for value in y[kept]]]
