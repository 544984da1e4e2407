"""What a setting's value is worth: a curve with intervals for each rung, a panel per setting."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...argument_checks import is_number
from ..analysis.sweep_points import SweepPoint
from ..statistics.intervals import Estimate, estimate
from ..wording import metric_text
from .cut_marks import mark_cut
from .style import (
    TRAIN,
    VALIDATION,
    house_style,
    label_logarithmic,
    limits_around,
    new_figure,
    rung_colours,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = "osD^vP*X"
_LOSS = "val_cross_entropy"


def sweep_figure(
    points: Sequence[SweepPoint],
    axes_facts: Sequence[Mapping[str, Any]],
    best: Mapping[str, SweepPoint],
    metric: str,
) -> Figure:
    """Draw the validation figure of each value: the mean over seeds and its 95 % interval.

    Of one setting the points of a rung are joined by a curve, and the training figure's is dashed.
    Of several settings each has a panel, in which points of all values of the others stand. If
    another metric decides, the panels below show the validation cross-entropy where it is known:
    over the learning rate it is the U of lecture deck L4.

    Args:
        points: Of the sweep, in ascending order.
        axes_facts: `axes` of its details, a panel each.
        best: By rung, its best point, which is ringed.
        metric: The name of what decides.
    """
    rows = [("val", metric), *_below(points, metric)]
    with house_style():
        figure = new_figure(max(6.4, 4.2 * len(axes_facts)), 3.8 if len(rows) == 1 else 5.8)
        shape = (len(rows), len(axes_facts))
        panels = figure.subplots(*shape, squeeze=False, sharex="col", sharey="row")
        for row, (measure, name) in zip(panels, rows, strict=True):
            _scale(row[0], points, measure)
            for panel, axis in zip(row, axes_facts, strict=True):
                _draw_panel(panel, points, axis, best, measure, is_curve=len(axes_facts) == 1)
            row[0].set_ylabel(metric_text(name))
        for panel, axis in zip(panels[-1], axes_facts, strict=True):
            panel.set_xlabel(axis["name"])
        handles = panels[0, 0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside upper center", ncols=3)
    return figure


def _below(points: Sequence[SweepPoint], metric: str) -> list[tuple[str, str]]:
    """The measure of the lower panels and its name, if there are such panels."""
    known = any(math.isfinite(value) for one in points for value in one.arm.values(_LOSS))
    return [(_LOSS, "cross_entropy")] if known and metric != "cross_entropy" else []


def _scale(panel: Axes, points: Sequence[SweepPoint], measure: str) -> None:
    """Set the heights that a row of panels shows, which those drawn later keep to."""
    kinds = ("val", "train") if measure == "val" else (measure,)
    means = [estimate(one.arm.values(kind)).mean for one in points for kind in kinds]
    if measure == _LOSS:
        # From next to nothing to far above guessing.
        panel.set_yscale("log")
        label_logarithmic(panel.yaxis)
        limits = limits_around([math.log(mean) for mean in means if mean > 0], 0.12)
        limits = limits and (math.exp(limits[0]), math.exp(limits[1]))
    else:
        limits = limits_around(means, 0.12)
    if limits:
        panel.set_ylim(limits)


def _draw_panel(
    panel: Axes,
    points: Sequence[SweepPoint],
    axis: Mapping[str, Any],
    best: Mapping[str, SweepPoint],
    measure: str,
    *,
    is_curve: bool,
) -> None:
    places, rungs = _places(panel, points, axis), list(dict.fromkeys(one.rung for one in points))
    for rung, look in zip(rungs, _looks(len(rungs)), strict=True):
        own = [point for point in points if point.rung == rung]
        _draw(panel, own, places, look, measure, is_curve=is_curve)
        _ring(panel, best.get(rung), places, measure)


def _looks(rungs: int) -> list[tuple[str, Any, Any]]:
    """The marker of each rung, and its colours on validation and on training."""
    if rungs == 1:
        return [(_MARKERS[0], VALIDATION, TRAIN)]
    colours = rung_colours(rungs)
    return [(_MARKERS[place % len(_MARKERS)], one, one) for place, one in enumerate(colours)]


def _draw(
    panel: Axes,
    points: Sequence[SweepPoint],
    places: Mapping[str, Any],
    look: tuple[str, Any, Any],
    measure: str,
    *,
    is_curve: bool,
) -> None:
    marker, colour, train_colour = look
    rung, along = points[0].rung, [places[point.arm.name] for point in points]
    means = [estimate(point.arm.values(measure)) for point in points]
    form, heights = marker + ("-" if is_curve else ""), [value.mean for value in means]
    panel.plot(along, heights, form, color=colour, ms=5, label=f"{rung}, validation", zorder=3)
    panel.vlines(along, *zip(*map(_ends, means), strict=True), color=colour, lw=1.4, alpha=0.6)
    for place, value in zip(along, means, strict=True):
        mark_cut(panel, place, value.low, value.high, colour, along="y")
    if is_curve and measure == "val":
        train = [estimate(point.arm.values("train")).mean for point in points]
        label = f"{rung}, train (clean)"
        panel.plot(along, train, "--", color=train_colour, lw=1.0, alpha=0.7, label=label)


def _places(panel: Axes, points: Sequence[SweepPoint], axis: Mapping[str, Any]) -> dict[str, Any]:
    """By its arm where each point stands along the panel: numbers among words are words, too."""
    values = {point.arm.name: point.sizes[axis["name"]] for point in points}
    if not all(map(is_number, values.values())):
        return {arm: str(value) for arm, value in values.items()}
    if axis["log"]:
        panel.set_xscale("log")
        label_logarithmic(panel.xaxis)
    return values


def _ends(value: Estimate) -> tuple[float, float]:
    known = not math.isnan(value.low)
    return (value.low, value.high) if known else (value.mean, value.mean)


def _ring(panel: Axes, best: SweepPoint | None, places: Mapping[str, Any], measure: str) -> None:
    if best is None:
        return
    height = estimate(best.arm.values(measure)).mean
    panel.plot(
        places[best.arm.name], height, "o", ms=12, mfc="none", mec="#333333", mew=1.4, zorder=4
    )
