"""Learning curves: training and validation on one axis, loss and accuracy side by side (L4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...runs.deciding import Deciding
from ...runs.history import accuracy_name
from ..read.epochs import BestEpoch, best_epoch, mean_history, measured
from ..read.panels import base_metric, is_metric
from .curve_panel import legend_entries
from .style import TRAIN, VALIDATION, house_style, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARGINS = {"left": 0.07, "right": 0.985, "bottom": 0.215, "top": 0.85, "wspace": 0.17}
_LONGEST_TITLE = 130


def plot_runs(
    histories: Sequence[pd.DataFrame], title: str | None = None, deciding: Deciding | None = None
) -> Figure:
    """Draw the learning curves of one model: of several trainings each thin, their mean thick.

    Left the plain cross-entropy where it was recorded, else the loss (which holds penalties such
    as L2); right the accuracy, or else the first other metric. Clean training figures
    (`train_clean_...`) are points, and the best epoch by validation is marked.

    Args:
        histories: One per seed, each as `read_history` returns it.
        title: Shown above both panels.
        deciding: The metric that goes right and picks the best epoch; the accuracy if not given.

    Returns:
        A figure that pyplot does not hold: it is not shown, and need not be closed.
    """
    from matplotlib.figure import Figure as NewFigure

    with house_style():
        figure = NewFigure(figsize=(9.0, 3.9))
        # Given margins: a layout engine would draw everything twice.
        figure.subplots_adjust(**_MARGINS)
        metrics = panel_metrics(histories, deciding)
        panels = np.atleast_1d(figure.subplots(1, max(len(metrics), 1)))
        mean = mean_history(histories)
        best = best_epoch(mean, deciding)
        for axes, metric in zip(panels, metrics, strict=False):
            _draw_panel(axes, histories, mean, metric, best)
        if not metrics:
            panels[0].text(
                0.5, 0.5, "no epoch finished", ha="center", transform=panels[0].transAxes
            )
        handles = legend_entries(panels)
        figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=len(handles) or 1)
        if title is not None:
            figure.suptitle(shortened(title, _LONGEST_TITLE), fontsize=11 if len(title) < 90 else 9)
    return figure


def panel_metrics(histories: Sequence[pd.DataFrame], deciding: Deciding | None = None) -> list[str]:
    """The metrics to draw: the loss, then what decides or whatever else there is; two at most."""
    names = dict.fromkeys(str(column) for one in histories if len(one) for column in one)
    plain = [name for name in names if is_metric(name) and base_metric(name) == name]
    losses = sorted(name for name in plain if name in ("cross_entropy", "loss"))[:1]
    others = [name for name in plain if name not in ("cross_entropy", "loss")]
    deciding = deciding or Deciding()
    first = accuracy_name(*histories) if deciding.is_accuracy else deciding.metric
    others.sort(key=lambda name: name != first)
    return losses + others[:1]


def label_epochs(axes: Axes) -> None:
    """Name the axis of epochs and keep its ticks whole."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _draw_panel(
    axes: Axes,
    histories: Sequence[pd.DataFrame],
    mean: pd.DataFrame,
    metric: str,
    best: BestEpoch | None,
) -> None:
    for column, colour, label in (
        (metric, TRAIN, "train (running mean)"),
        (f"val_{metric}", VALIDATION, "validation"),
    ):
        _draw_lines(axes, histories, mean, column, colour, label)
    epochs, values = measured(mean, f"train_clean_{metric}")
    if len(epochs):
        axes.plot(
            epochs, values, "o", color=TRAIN, mfc="white", ms=5, label="train (clean)", zorder=4
        )
    if best is not None:
        of_mean = " (of the mean)" if len(histories) > 1 else ""
        label = f"best epoch {best.epoch}{of_mean}"
        axes.axvline(best.epoch, color="#555555", lw=1, ls=":", label=label)
        _mark_best(axes, mean, f"val_{metric}", best.epoch)
    if not any(np.size(line.get_xdata()) for line in axes.lines):
        axes.text(0.5, 0.5, "no finite value", ha="center", transform=axes.transAxes)
    axes.set_title(metric.replace("_", " ").replace("cross entropy", "cross-entropy"))
    label_epochs(axes)


def _mark_best(axes: Axes, mean: pd.DataFrame, column: str, epoch: int) -> None:
    epochs, values = measured(mean, column)
    at_best = epochs == epoch
    axes.plot(epochs[at_best], values[at_best], "o", color=VALIDATION, ms=5.5, zorder=5)


def _draw_lines(
    axes: Axes,
    histories: Sequence[pd.DataFrame],
    mean: pd.DataFrame,
    column: str,
    colour: str,
    label: str,
) -> None:
    several = len(histories) > 1
    for history in histories if several else ():
        axes.plot(*measured(history, column), color=colour, lw=0.7, alpha=0.4)
    epochs, values = measured(mean, column)
    if len(epochs):
        label = f"{label}, mean of {len(histories)}" if several else label
        # A line through one point cannot be seen.
        axes.plot(epochs, values, color=colour, label=label, marker="o" if len(epochs) < 3 else "")
