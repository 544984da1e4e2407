"""The learning curves of one training or several: a panel for every metric."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ...runs.errors import ReportError
from ..read.named_histories import NamedHistory
from ..read.panels import (
    LEARNING_RATE,
    PanelGroup,
    base_metric,
    group_metrics,
    is_learning_rate,
    is_the_loss,
)
from .curve_panel import draw_panel, legend_entries
from .curve_view import CurveView
from .style import house_style, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_PANELS = 24
"""More would be too small to read; any other metric can be drawn by its name."""

_WIDTHS = {1: 6.5, 2: 4.5, 3: 4.0, 4: 3.5}
"""Inches of a panel, by how many stand side by side."""
_LEGEND_CHARACTERS = 15.0
"""That fit in an inch."""
_TITLE_CHARACTERS = 12.0
"""The same of the title, whose letters are larger."""


class MetricPanel(NamedTuple):
    """A metric, and its place in the grid."""

    metric: str
    title: str
    row: int
    column: int


def history_figure(
    trainings: Sequence[NamedHistory],
    view: CurveView,
    *,
    metric: str | None = None,
    outputs: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw every metric of one training, or of several to be compared.

    Outputs of a model stand one below the other. The learning rate is shown where it changes.

    Args:
        trainings: At least one; those of one name are its seeds.
        view: How to draw.
        metric: Draw this one alone.
        outputs: See `group_metrics`.
        title: Shown above all panels.

    Returns:
        A figure that pyplot does not hold: it need not be closed. A notebook shows it.

    Raises:
        ReportError: `metric`, or what the view wants on the horizontal axis, was not recorded.
    """
    from .notebook_figure import NotebookFigure

    if metric is not None:
        metric = find_metric(trainings, metric)
        panels, left_out = [MetricPanel(metric, metric, 0, 0)], 0
    else:
        panels, left_out = arranged_panels(trainings, outputs)
    rows, columns = (1 + max(places) for places in list(zip(*panels, strict=True))[2:])
    width = _WIDTHS[columns] * columns
    with house_style():
        figure = NotebookFigure(
            figsize=(width, 0.6 + (3.3 if rows == 1 else 2.6) * rows), layout="constrained"
        )
        grid = figure.add_gridspec(rows, columns)
        for panel in panels:
            # One range for all: a metric of a few epochs only would fill its panel with them.
            first = figure.axes[0] if figure.axes else None
            axes = figure.add_subplot(grid[panel.row, panel.column], sharex=first)
            draw_panel(axes, trainings, view, panel.metric)
            axes.set_title(shortened(panel.title, int(40 * _WIDTHS[columns] / 3.5)))
        note = f"{left_out} more metrics are not shown; each can be drawn by its name"
        _add_legend(figure, width, note if left_out else None)
        if title is not None:
            # A sentence, as a diagnosis gives it, is longer than a figure is wide.
            figure.suptitle(textwrap.fill(title, int(width * _TITLE_CHARACTERS)), fontsize=11)
    return figure


def find_metric(trainings: Sequence[NamedHistory], metric: str | None) -> str:
    """The metric to draw alone, without prefixes.

    Args:
        trainings: At least one.
        metric: As it was recorded, with or without `val_`. None: the loss, else the first there is.

    Raises:
        ReportError: It was not recorded.
    """
    known = _metrics(trainings)
    if metric is None:
        return known[0] if known else "loss"
    wanted = base_metric(metric)
    is_rate = is_learning_rate(wanted)
    if wanted in known or (is_rate and any(wanted in one.history for one in trainings)):
        return LEARNING_RATE if is_rate else wanted
    raise ReportError(
        f"No metric {metric!r} was recorded. There are: {', '.join(known) or 'none'}."
    )


def arranged_panels(
    trainings: Sequence[NamedHistory], outputs: Sequence[str] | None
) -> tuple[list[MetricPanel], int]:
    """The panels, and how many metrics they leave out."""
    groups = group_metrics(_columns(trainings), outputs) or [PanelGroup("", ["loss"])]
    if any(_is_double(trainings, metric) for metric in groups[0].metrics):
        groups[0].metrics.remove("loss")
    if any(map(_rate_changes, trainings)):
        groups[0].metrics.append(LEARNING_RATE)
    largest = max(len(group.metrics) for group in groups)
    columns = largest if largest <= 3 else 2 if largest == 4 else 3 if largest <= 9 else 4
    panels, first_row = [], 0
    for group in groups:
        for place, metric in enumerate(group.metrics):
            row, column = divmod(place, columns)
            panels.append(MetricPanel(metric, group.title(metric), first_row + row, column))
        first_row = panels[-1].row + 1
    return panels[:MOST_PANELS], max(len(panels) - MOST_PANELS, 0)


def _is_double(trainings: Sequence[NamedHistory], metric: str) -> bool:
    """Whether it is a cross-entropy that shows the loss as well."""
    named = re.sub("[^a-z]", "", metric.lower())
    return (
        metric != "loss"
        and named.endswith("crossentropy")
        and all(is_the_loss(training.history, metric) for training in trainings)
    )


def _rate_changes(training: NamedHistory) -> bool:
    tables = (training.history, training.batches)
    return any(
        table[column].nunique() > 1
        for table in tables
        if table is not None
        for column in table
        if is_learning_rate(str(column))
    )


def _add_legend(figure: Figure, width: float, note: str | None) -> None:
    entries = legend_entries(figure.axes)
    longest = max(map(len, entries), default=0) + 6  # the line before it
    columns = max(int(width * _LEGEND_CHARACTERS / longest), 1)
    figure.set_figheight(figure.get_figheight() + 0.2 * (-(-len(entries) // columns) - 1))
    figure.legend(
        entries.values(), entries.keys(), loc="outside lower center", ncols=columns, title=note
    )


def _metrics(trainings: Sequence[NamedHistory]) -> list[str]:
    return [metric for group in group_metrics(_columns(trainings)) for metric in group.metrics]


def _columns(trainings: Sequence[NamedHistory]) -> list[str]:
    return [str(column) for training in trainings for column in training.history]
