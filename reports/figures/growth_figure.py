"""How a model grew: its validation figure over the minutes, and what was tried on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..wording import metric_text
from .style import VALIDATION, house_style, new_figure, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARK: dict[str, Any] = {"ls": "", "marker": "o", "mfc": "white", "ms": 4.5, "color": "#7A7A7A"}
# The width of a letter of a name, in widths of the axes.
_LETTER = 0.0115


@dataclass(frozen=True)
class GrowthStep:
    """A race as the picture shows it."""

    minutes: float
    """When it was decided."""
    value: float
    """The validation figure of the model that the growth goes on with."""
    kept: str
    """What was kept; empty for nothing."""
    tried: Sequence[float]
    """The figure of each model in it that was not kept; NaN where there is none."""


def growth_figure(baseline: float, steps: Sequence[GrowthStep], metric: str) -> Figure:
    """Draw the model's figure as a line of steps, with a dot and a name for what was kept.

    Hollow marks tell what else was tried.

    Args:
        baseline: The validation figure that it began at.
        steps: The races that are decided, in order.
        metric: The name of what decides.
    """
    with house_style():
        figure = new_figure(6.4, 3.6)
        axes = figure.subplots()
        minutes = [0.0, *(step.minutes for step in steps)]
        values = [baseline, *(step.value for step in steps)]
        axes.plot(minutes, values, color=VALIDATION, drawstyle="steps-post", zorder=2)
        axes.plot(minutes[0], values[0], "o", color=VALIDATION, ms=5, zorder=3)
        axes.margins(x=0.12, y=0.14)
        for step in steps:
            _draw_tried(axes, step)
        for step in (one for one in steps if one.kept):
            axes.plot(step.minutes, step.value, "o", color=VALIDATION, ms=6, zorder=4)
            _name(axes, step)
        axes.set(xlabel="minutes", ylabel=f"validation {metric_text(metric)}")
        _legend(figure, steps)
    return figure


def _draw_tried(axes: Axes, step: GrowthStep) -> None:
    for value in step.tried:
        if not math.isnan(value):
            axes.plot(step.minutes, value, **_MARK, zorder=2.5)


def _name(axes: Axes, step: GrowthStep) -> None:
    name = shortened(step.kept, 34)
    # To the left of its dot, over the line below; or to the right, if it would leave the axes.
    left, right = axes.get_xlim()
    is_right = step.minutes - left < _LETTER * len(name) * (right - left)
    axes.annotate(
        name,
        (step.minutes, step.value),
        xytext=(5 if is_right else -5, 6),
        textcoords="offset points",
        ha="left" if is_right else "right",
        fontsize=8,
    )


def _legend(figure: Figure, steps: Sequence[GrowthStep]) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=VALIDATION, marker="o", ms=6, label="the model")]
    if any(math.isfinite(value) for step in steps for value in step.tried):
        handles.append(Line2D([], [], **_MARK, label="tried, not kept"))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
