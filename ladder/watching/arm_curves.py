"""The learning curves of an arm so far: one for each seed, and their mean."""

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
    """Returns the validation columns to draw: the deciding metric, and cross-entropy or loss."""
    run_set = found.run_set
    runs = [one for rung in run_set.rungs for one in found.runs_of(rung)]
    histories = [one.history for one in runs if len(one.history)]
    if run_set.is_ladder or any("task" in one.run.details for one in runs):
        return list(dict.fromkeys(validation_columns(histories, run_set.deciding)))
    columns = [str(name) for history in histories for name in history if is_metric(str(name))]
    metric = read_metric(list(dict.fromkeys(columns)))
    return [] if metric is None else list(dict.fromkeys([metric.val, f"val_{metric.loss}"]))


def panel_titles(columns: Sequence[str]) -> list[str]:
    """Returns the title of the panel of each column."""
    return [metric_text(column.removeprefix("val_")) for column in columns]


def last_value(history: pd.DataFrame, column: str) -> float:
    """Returns the last finite figure of a column; NaN if there is none."""
    _, values = measured(history, column)
    return float(values[-1]) if len(values) else math.nan


def arm_curves(seen: Sequence[SeenRun], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Returns a panel for each column: `validation` and `train`, each with `seeds` and a `mean`.

    The mean is taken over the seeds that are done, as far as all of them go. If it included a run
    that has just begun, it would end where that run is. If no seed is done, it is over all seeds.

    Args:
        seen: the runs of the arm.
        columns: the validation columns; the training columns beside them are Keras's running means.
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
    """Epochs and values of a line; a long line has every second, third, ... point and the last."""
    x, y = measured(history, column)
    step = max(1, -(-len(x) // MOST_POINTS))
    kept = sorted({*range(0, len(x), step), *([len(x) - 1] if len(x) else [])})
    return [np.asarray(x)[kept].tolist(), [float(f"{value:.5g}") for value in y[kept]]]
