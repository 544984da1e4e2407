"""The ladder itself: what decides, per rung, rung 0 at the foot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..read.measures import train_is_running_mean
from ..read.run_set import Rung
from ..statistics.intervals import estimate
from ..wording import metric_text, score_text
from .cut_marks import mark_cut
from .style import TEST, TRAIN, VALIDATION, house_style, label_rows, limits_around, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Measure, label, colour, height above the rung's line, height of the mean's bar.
_KINDS = (
    ("train", "train (clean)", TRAIN, 0.24, 10.0),
    ("val", "validation", VALIDATION, 0.0, 14.0),
    ("test", "test", TEST, -0.24, 8.0),
)


def ladder_figure(rungs: Sequence[Rung], metric: str = "accuracy") -> Figure:
    """Draw the deciding figures of each rung: every seed a point, their mean and its 95 % interval.

    Args:
        rungs: From the lowest up; one without a finished run has a row without points.
        metric: The name of what decides.
    """
    with house_style():
        figure = new_figure(6.2, 1.5 + 0.48 * len(rungs))
        axes = figure.subplots()
        for place, rung in enumerate(rungs):
            for measure, _, colour, lift, size in _KINDS:
                _draw_values(axes, rung.values(measure), place + lift, colour, size)
            if rung.reported is not None:
                axes.plot(rung.reported, place - 0.24, "*", color="#B8860B", ms=9, zorder=3)
        _connect(axes, rungs)
        axes.set_xlim(limits_around(_points(rungs), 0.08) or (-0.08, 1.08))
        for place, rung in enumerate(rungs):
            for measure, _, colour, lift, _ in _KINDS:
                mean = estimate(rung.values(measure))
                mark_cut(axes, place + lift, mean.low, mean.high, colour)
        _label(axes, rungs, metric_text(metric))
        _legend(figure, rungs)
    return figure


def _draw_values(
    axes: Axes, values: Sequence[float], height: float, colour: str, size: float
) -> None:
    mean = estimate(values)
    if not mean.count:
        return
    if mean.count > 1:
        axes.plot(mean.mean, height, "|", color=colour, ms=size, mew=2.2, zorder=4)
        axes.plot([mean.low, mean.high], [height] * 2, color=colour, lw=1.4, alpha=0.6)
    axes.plot(values, [height] * len(values), "o", color=colour, ms=5, alpha=0.6, mew=0)


def _connect(axes: Axes, rungs: Sequence[Rung]) -> None:
    means = [estimate(rung.values("val")).mean for rung in rungs]
    known = [(mean, place) for place, mean in enumerate(means) if not math.isnan(mean)]
    axes.plot(*zip(*known, strict=True) if known else ((), ()), color=VALIDATION, lw=0.8, alpha=0.5)


def _points(rungs: Sequence[Rung]) -> list[float]:
    """All that is drawn as points."""
    values = [value for rung in rungs for kind, *_ in _KINDS for value in rung.values(kind)]
    return values + [rung.reported for rung in rungs if rung.reported is not None]


def _label(axes: Axes, rungs: Sequence[Rung], metric: str) -> None:
    label_rows(axes, [rung.name for rung in rungs])
    axes.set_ylim(-0.5, len(rungs) - 0.5)
    axes.set_xlabel(metric)
    right = axes.secondary_yaxis("right")
    right.set_yticks(range(len(rungs)), [_validation_text(rung) for rung in rungs])
    # The picture of a single rung is too low for a long line.
    between = " " if len(rungs) > 1 else "\n"
    right.set_ylabel(f"mean validation{between}{metric}", color=VALIDATION)
    right.tick_params(length=0, colors=VALIDATION)
    right.spines["right"].set_visible(False)


def _validation_text(rung: Rung) -> str:
    mean = estimate(rung.values("val"))
    if not mean.count:
        return "failed" if rung.failed else "not finished"
    failed = f", {len(rung.failed)} failed" if rung.failed else ""
    return f"{score_text(mean.mean)}{failed}"


def _legend(figure: Figure, rungs: Sequence[Rung]) -> None:
    from matplotlib.lines import Line2D

    def mark(label: str, colour: str, marker: str, size: float, width: float = 0.0) -> Line2D:
        return Line2D([], [], color=colour, marker=marker, ms=size, mew=width, ls="", label=label)

    handles = [
        mark(label, colour, "s", 7)
        for measure, label, colour, _, _ in _KINDS
        if measure != "test" or any(estimate(rung.values("test")).count for rung in rungs)
    ]
    if any(train_is_running_mean(run) for rung in rungs for run in rung.done):
        handles[0].set_label("train")
    if any(len(rung.done) > 1 for rung in rungs):
        handles.append(mark("one seed", "#777777", "o", 5))
        handles.append(mark("mean", "#555555", "|", 12, 2.2))
        handles.append(Line2D([], [], color="#777777", lw=1.4, label="95 % interval"))
    if any(rung.reported is not None for rung in rungs):
        handles.append(mark("reported", "#B8860B", "*", 9))
    figure.legend(handles=handles, loc="outside upper center", ncols=-(-len(handles) // 2))
