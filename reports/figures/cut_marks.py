"""Arrows where an interval goes on beyond the edge of its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def mark_cut(
    axes: Axes, place: Any, low: float, high: float, colour: Any, along: Literal["x", "y"] = "x"
) -> None:
    """Draw an arrow at each edge that the interval goes beyond, as its end is not there.

    Args:
        axes: Whose limits stand.
        place: Where the interval stands on the other axis.
        low: Its lower end; NaN for none.
        high: Its higher end.
        colour: That of the interval.
        along: The axis along which it lies.
    """
    lowest, highest = axes.get_xlim() if along == "x" else axes.get_ylim()
    arrows = "<>" if along == "x" else "v^"
    ends = ((lowest, low < lowest, arrows[0]), (highest, high > highest, arrows[1]))
    for edge, is_cut, arrow in ends:
        if is_cut:
            across, up = (edge, place) if along == "x" else (place, edge)
            axes.plot([across], [up], arrow, color=colour, ms=6, clip_on=False)
