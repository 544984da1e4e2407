"""Training and validation figures over the number of training examples, with the fitted law."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.size_curves import SizeCurve
from ..statistics.intervals import Estimate
from ..wording import metric_text
from .cut_marks import mark_cut
from .style import TRAIN, VALIDATION, house_style, limits_around, new_figure, rung_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# How far beyond the largest size the law is drawn.
BEYOND = 4


def size_figure(curves: Sequence[SizeCurve], metric: str) -> Figure:
    """Draw each rung's figures at each size: the mean over seeds and its 95 % interval.

    The law of the validation figures goes on to four times the largest size, dotted, with the range
    of 95 % of the laws that other seeds might have given.

    Args:
        curves: One rung each, at least one of them with a size.
        metric: The name of what decides.
    """
    with house_style():
        figure = new_figure(7.2, 4.2)
        axes = figure.subplots()
        means = [curve.shown(one.mean) for curve in curves for one in (*curve.val, *curve.train)]
        if limits := limits_around(means, 0.1):
            axes.set_ylim(limits)
        colours = rung_colours(len(curves))
        for curve, colour in zip(curves, colours, strict=True):
            alone = len(curves) == 1
            _draw(axes, curve, "val", VALIDATION if alone else colour, "o-")
            _draw(axes, curve, "train", TRAIN if alone else colour, "s--")
            _draw_law(axes, curve, VALIDATION if alone else colour)
        _label(axes, curves, metric_text(metric))
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def _draw(axes: Axes, curve: SizeCurve, split: str, colour: Any, form: str) -> None:
    errors: list[Estimate] = getattr(curve, split)
    name = {"val": "validation", "train": "train (clean)"}[split]
    means = [curve.shown(one.mean) for one in errors]
    axes.plot(curve.sizes, means, form, color=colour, ms=5, label=f"{curve.rung}, {name}")
    for size, one in zip(curve.sizes, errors, strict=True):
        if not math.isnan(one.low):
            ends = [curve.shown(one.low), curve.shown(one.high)]
            axes.plot([size, size], ends, color=colour, lw=1.4, alpha=0.6)
            mark_cut(axes, size, min(ends), max(ends), colour, along="y")


def _draw_law(axes: Axes, curve: SizeCurve, colour: Any) -> None:
    if curve.law is None:
        return
    sizes = np.geomspace(curve.sizes[0], BEYOND * curve.sizes[-1], 60)
    errors = [curve.shown(curve.law.error(size)) for size in sizes]
    axes.plot(sizes, errors, ":", color=colour, lw=1.2, label="law of validation")
    beyond = np.geomspace(curve.sizes[-1], sizes[-1], 30)
    low, high = np.array([curve.law.interval(size) for size in beyond]).T
    shown = curve.shown
    axes.fill_between(beyond, shown(low), shown(high), color=colour, alpha=0.12, lw=0)


def _label(axes: Axes, curves: Sequence[SizeCurve], metric: str) -> None:
    from matplotlib.ticker import NullFormatter, ScalarFormatter

    axes.set_xscale("log")
    sizes = sorted({size for curve in curves for size in curve.sizes})
    axes.set_xticks([*sizes, *([BEYOND * sizes[-1]] if sizes else [])])
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("training examples")
    axes.set_ylabel(metric)
