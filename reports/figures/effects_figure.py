"""Differences with their intervals, several to a row: a forest plot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..statistics.two_sources import Difference
from .style import TEST, TRAIN, VALIDATION, house_style, label_rows, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKS = (("o", TEST), ("s", VALIDATION), ("D", TRAIN))


def effects_figure(
    rows: Mapping[str, Mapping[str, Difference | None]], ways: Sequence[str], xlabel: str
) -> Figure:
    """Draw, for each row from the top down, a difference in each of at most three ways.

    Args:
        rows: By a row's label, its differences by the names of `ways`; None is not drawn.
        ways: In the order in which they are drawn within a row.
        xlabel: What the differences are of.
    """
    with house_style():
        figure = new_figure(7.2, 1.4 + 0.55 * len(rows))
        axes = figure.subplots()
        axes.axvline(0, color="#555555", lw=1.0)
        for place, differences in enumerate(rows.values()):
            for number, way in enumerate(ways):
                marker, colour = _MARKS[number]
                height = place + 0.24 * (number - (len(ways) - 1) / 2)
                _draw(axes, differences.get(way), height, marker, colour)
        label_rows(axes, list(rows))
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel(xlabel)
        _legend(figure, ways)
    return figure


def _draw(axes: Axes, value: Difference | None, height: float, marker: str, colour: str) -> None:
    if value is None:
        return
    axes.plot(value.mean, height, marker, color=colour, ms=5.5, mew=0, zorder=3)
    if not math.isnan(value.low):
        axes.plot([value.low, value.high], [height] * 2, color=colour, lw=1.5, alpha=0.7)


def _legend(figure: Figure, ways: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, marker=marker, ms=5.5, lw=1.5, label=way)
        for way, (marker, colour) in zip(ways, _MARKS, strict=False)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
