"""The forest plot: what each step is worth, with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..statistics.two_sources import Difference
from ..statistics.verdicts import HELPS, HURTS, UNDECIDED
from .cut_marks import mark_cut
from .style import house_style, new_figure, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette: blue and vermilion, which all tell apart; what is neither is grey.
_COLOURS = {HELPS: "#0072B2", HURTS: "#D55E00"}
_OTHER = "#7A7A7A"
_WIDTH = 4.9
"""Inches: at the width of a phone its letters are still of their own size."""


class ForestRow(NamedTuple):
    """A difference with its interval; NaN where there is none. Above zero is better."""

    name: str
    value: float
    low: float
    high: float
    verdict: str
    """The kind of it: `helps`, `hurts`, or else grey; of `undecided` the point is hollow."""

    @classmethod
    def of(cls, name: str, found: Difference | None, verdict: str) -> ForestRow:
        """The row of a difference; without one nothing is drawn."""
        ends = (found.mean, found.low, found.high) if found else (math.nan,) * 3
        return cls(name, *ends, verdict)


def forest_figure(
    rows: Sequence[ForestRow], *, is_share: bool, metric: str, margin: float | None = None
) -> Figure:
    """Draw each difference as a point on its interval, the first row above.

    Args:
        rows: At least one.
        is_share: Whether they are shares of 1, which are drawn in points, hundredths of it.
        metric: What the differences are of, in words.
        margin: A difference no larger than this counts as none; a band shows it.
    """
    scale, unit = (100.0, "points of ") if is_share else (1.0, "")
    with house_style():
        figure = new_figure(_WIDTH, 0.75 + 0.29 * len(rows))
        axes = figure.subplots()
        for place, row in enumerate(rows):
            _draw_row(axes, row, -place, scale)
        axes.axvline(0.0, color="#333333", lw=0.9, zorder=1)
        if margin:
            axes.axvspan(-margin * scale, margin * scale, color="#EDEDED", lw=0, zorder=0)
        axes.set_yticks(
            [-place for place in range(len(rows))], [shortened(row.name, 30) for row in rows]
        )
        axes.set_ylim(0.6 - len(rows), 0.6)
        _limit(axes, rows, scale)
        for place, row in enumerate(rows):
            mark_cut(axes, -place, scale * row.low, scale * row.high, _colour(row))
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        # From the right end: beside long names the axes are narrower than their label.
        axes.set_xlabel(f"{unit}{metric}:  ← worse | better →", loc="right")
    return figure


def forest_note(margin: float | None) -> str:
    """How to read the plot that was drawn with this margin."""
    band = (
        " The grey band holds differences no larger than the margin, which count as none."
        if margin
        else ""
    )
    return (
        "A filled point is decided (blue helps, orange hurts, grey makes no difference), a hollow "
        f"one is undecided.{band} An arrow says that an interval goes on beyond the picture."
    )


def _draw_row(axes: Axes, row: ForestRow, height: float, scale: float) -> None:
    if math.isnan(row.value):
        axes.text(0.0, height, " not compared", va="center", color=_OTHER, fontsize=8)
        return
    colour = _colour(row)
    if not math.isnan(row.low):
        axes.plot([scale * row.low, scale * row.high], [height] * 2, color=colour, lw=2.0)
    face = "white" if row.verdict == UNDECIDED else colour
    axes.plot(scale * row.value, height, "o", color=colour, mfc=face, ms=6, mew=1.5, zorder=3)


def _colour(row: ForestRow) -> str:
    return _COLOURS.get(row.verdict, _OTHER)


def _limit(axes: Axes, rows: Sequence[ForestRow], scale: float) -> None:
    """Show every point, zero and what clears zero; an arrow says where a wide interval is cut.

    That of two seeds can be so wide that it would hide the rest.
    """
    values = [scale * row.value for row in rows if not math.isnan(row.value)]
    ends = sorted(
        scale * abs(end) for row in rows for end in (row.low, row.high) if not math.isnan(end)
    )
    # The widest ones may go beyond three times the middle one.
    reach = min(ends[-1], 3 * ends[len(ends) // 2]) if ends else 0.0
    # An interval that clears zero ends nearer to its point than zero is.
    reach = max([reach, *(2 * abs(value) for value in values)]) or 1.0
    lowest = min([0.0, *values, *(max(scale * row.low, -reach) for row in rows if row.low < 0)])
    highest = max([0.0, *values, *(min(scale * row.high, reach) for row in rows if row.high > 0)])
    room = 0.06 * (highest - lowest) or 1.0
    axes.set_xlim(lowest - room, highest + room)
