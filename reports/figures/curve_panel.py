"""One metric of one training, or of several to be compared, on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..read.epochs import best_epoch, mean_history
from ..read.named_histories import NamedHistory
from ..read.panels import (
    LEARNING_RATE,
    is_learning_rate,
    is_the_loss,
)
from ..statistics.smoothing import smoothed
from .batch_lines import Line, batch_loss, batch_rates
from .curve_view import CurveView
from .line_labels import LineEnd, label_ends
from .panel_figures import columns_of, not_finite, values_of
from .seed_band import BANDS, seed_band
from .style import TRAIN, VALIDATION, label_logarithmic, rung_colours, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LOG_SCALE_FROM = 1000.0
"""A panel whose largest value is so many times its smallest has a logarithmic scale, unless its
values are in 0..1 and no loss, as accuracies."""

_PALE = 0.35
_BAND = 0.2
_GREY = "#555555"
_BROKEN = "#C00000"
# Okabe and Ito's palette without its yellow, which is too faint on white.
_RUN_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


class _Look(NamedTuple):
    """How the trainings of one name are drawn."""

    train: Any
    """A colour."""
    validation: Any
    smooth: float
    band: str | None
    compared: bool
    """With trainings of other names, so that the colour tells the training."""
    seeds: int
    """How many there are."""


def draw_panel(axes: Axes, trainings: Sequence[NamedHistory], view: CurveView, metric: str) -> None:
    """Draw training and validation figures of `metric`.

    Trainings of one name are its seeds: each is a pale line, or all of them a band, and their mean
    is drawn as a single training would be. A single name has a colour for training and one for
    validation, and its best epoch is marked. Of several, each has a colour, training is dashed, and
    a dot is the best epoch.
    A cross at the upper edge stands where a figure is not finite. Of a training alone whose batches
    were recorded their loss is a thin line; their rates stand for those of the epochs, unless there
    are several seeds. Where there are many names, each also stands at the end of its line.

    Args:
        axes: Drawn on; what is there stays.
        trainings: At least one.
        view: How to draw.
        metric: Without prefixes; `learning_rate` stands for the rates of all optimizers.
    """
    names = list(dict.fromkeys(training.name for training in trainings))
    compared = len(names) > 1
    label, unit = view.axis([view.places(training) for training in trainings])
    for name, colour in zip(names, _colours(len(names)), strict=True):
        seeds = [training for training in trainings if training.name == name]
        train, validation = (colour, colour) if compared else (TRAIN, VALIDATION)
        look = _Look(train, validation, view.smooth, view.band, compared, len(seeds))
        if metric == LEARNING_RATE:
            _draw_rates(axes, _rates(seeds, view, unit), look)
        else:
            _draw_seeds(axes, seeds, view, unit, metric, look)
        if compared:
            axes.plot([], [], color=colour, label=_legend_text(name, len(seeds)))
    if compared and metric != LEARNING_RATE:
        _explain_lines(axes, [one.history for one in trainings], metric)
    if view.band is not None and metric != LEARNING_RATE and len(trainings) > len(names):
        axes.fill_between([], [], [], color=_GREY, alpha=_BAND, lw=0, label=BANDS[view.band])
    _finish(axes, trainings, metric, label)
    if len(names) > len(_RUN_COLOURS) and metric != LEARNING_RATE:
        # Neighbours among so many colours look alike.
        label_ends(axes, _ends(trainings, names, view, unit, metric))


def _ends(
    trainings: Sequence[NamedHistory],
    names: Sequence[str],
    view: CurveView,
    unit: float,
    metric: str,
) -> list[LineEnd]:
    """Where the validation line of each name ends, else its training line."""
    found = []
    for name, colour in zip(names, _colours(len(names)), strict=True):
        seeds = [training for training in trainings if training.name == name]
        mean = _mean(seeds)
        x = view.places(mean) / unit
        train, validation, _ = (values_of(mean.history, column) for column in columns_of(metric))
        for values in (validation, train):
            kept = np.isfinite(values) & np.isfinite(x)
            if kept.any():
                shown = smoothed(values[kept], view.smooth)
                found.append(LineEnd(shortened(name, 24), colour, x[kept][-1], shown[-1]))
                break
    return found


def legend_entries(panels: Iterable[Axes]) -> dict[str, Any]:
    """What a legend of the panels should show: artists by label, each label once."""
    return {
        label: handle
        for axes in panels
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }


def _colours(count: int) -> Sequence[Any]:
    return _RUN_COLOURS[:count] if count <= len(_RUN_COLOURS) else rung_colours(count)


def _draw_seeds(
    axes: Axes,
    seeds: Sequence[NamedHistory],
    view: CurveView,
    unit: float,
    metric: str,
    look: _Look,
) -> None:
    if len(seeds) == 1 and not look.compared and is_the_loss(seeds[0].history, metric):
        _draw_batches(axes, batch_loss(seeds[0], view, unit), look)
    for seed in seeds:
        _draw_seed(axes, seed.history, view.places(seed) / unit, metric, look)
    mean = _mean(seeds)
    places = view.places(mean) / unit
    if look.band is not None and len(seeds) > 1:
        edges = seed_band([seed.history for seed in seeds], look.band)
        _draw_bands(axes, places, edges, metric, look)
    _draw_metric(axes, mean.history, places, metric, look)


def _draw_bands(
    axes: Axes,
    x: np.ndarray,
    edges: tuple[pd.DataFrame, pd.DataFrame],
    metric: str,
    look: _Look,
) -> None:
    train, validation, _ = columns_of(metric)
    for column, colour in ((train, look.train), (validation, look.validation)):
        low, high = (values_of(edge, column) for edge in edges)
        kept = np.isfinite(low) & np.isfinite(x)
        if not kept.any():
            continue
        low, high = (smoothed(edge[kept], look.smooth) for edge in (low, high))
        axes.fill_between(x[kept], low, high, color=colour, alpha=_BAND, lw=0)


def _draw_metric(
    axes: Axes, history: pd.DataFrame, x: np.ndarray, metric: str, look: _Look
) -> None:
    train, validation, clean = (values_of(history, column) for column in columns_of(metric))
    _draw_line(axes, x, train, look.train, look, "train")
    _draw_line(axes, x, validation, look.validation, look, "validation")
    if np.isfinite(clean).any():
        (points,) = axes.plot(x, clean, "o", color=look.train, mfc="white", ms=4.5)
        _label(points, "train (clean)", look)
    _mark_best(axes, history, x, validation, look)


def _mean(seeds: Sequence[NamedHistory]) -> NamedHistory:
    if len(seeds) == 1:
        return seeds[0]
    return NamedHistory(seeds[0].name, mean_history([seed.history for seed in seeds]))


def _draw_seed(axes: Axes, history: pd.DataFrame, x: np.ndarray, metric: str, look: _Look) -> None:
    """Draw what the mean does not show: each seed's own line, and where it broke."""
    train, validation, _ = (values_of(history, column) for column in columns_of(metric))
    if look.seeds > 1 and look.band is None:
        style = "--" if look.compared else "-"
        axes.plot(x, train, style, color=look.train, lw=0.7, alpha=_PALE)
        axes.plot(x, validation, "-", color=look.validation, lw=0.7, alpha=_PALE)
    broken = not_finite(history, metric)
    if broken.any():
        colour = look.train if look.compared else _BROKEN
        (crosses,) = axes.plot(x[broken], np.full(broken.sum(), 0.97), "x", color=colour, mew=1.6)
        crosses.set_transform(axes.get_xaxis_transform())
        _label(crosses, "not finite", look)


def _draw_line(
    axes: Axes, x: np.ndarray, values: np.ndarray, colour: Any, look: _Look, label: str
) -> None:
    kept = np.isfinite(values) & np.isfinite(x)
    if not kept.any():
        return
    style = "--" if look.compared and label == "train" else "-"
    # A line through one point cannot be seen, and one through few hides where they are.
    marker = "o" if len(x) < 3 or kept.sum() <= len(x) / 2 else ""
    x, values = x[kept], values[kept]
    if look.smooth:
        if look.seeds == 1:
            axes.plot(x, values, style, color=colour, lw=1.0, alpha=_PALE)
        values, label, marker = smoothed(values, look.smooth), f"{label}, smoothed", ""
    (line,) = axes.plot(x, values, style, color=colour, marker=marker, ms=3.5, lw=1.5)
    _label(line, label if look.seeds == 1 else f"{label}, mean of {look.seeds}", look)


def _draw_batches(axes: Axes, loss: Line | None, look: _Look) -> None:
    if loss is not None:
        (line,) = axes.plot(loss.x, loss.y, color=look.train, lw=0.6, alpha=_PALE, zorder=1)
        _label(line, loss.label, look)


def _rates(seeds: Sequence[NamedHistory], view: CurveView, unit: float) -> dict[str, Line]:
    """The lines of the rates: of batches where there is one training that recorded them."""
    by_batch = batch_rates(seeds[0], view, unit) if len(seeds) == 1 else {}
    if by_batch:
        return by_batch
    mean = _mean(seeds)
    x, columns = view.places(mean) / unit, map(str, mean.history)
    return {
        name: Line(x, values_of(mean.history, name), name)
        for name in columns
        if is_learning_rate(name)
    }


def _draw_rates(axes: Axes, rates: dict[str, Line], look: _Look) -> None:
    colours = [look.train] * len(rates) if look.compared else _colours(len(rates))
    for (name, line), colour in zip(rates.items(), colours, strict=True):
        several = len(rates) > 1
        own = colour if several or look.compared else _GREY
        (drawn,) = axes.plot(line.x, line.y, color=own)
        if several:
            _label(drawn, f"rate of {name.removeprefix(f'{LEARNING_RATE}_')}", look)


def _label(artist: Any, label: str, look: _Look) -> None:
    """Name it in the legend; where trainings are compared, that is done for all at once."""
    if not look.compared:
        artist.set_label(label)


def _mark_best(
    axes: Axes, history: pd.DataFrame, x: np.ndarray, validation: np.ndarray, look: _Look
) -> None:
    best = best_epoch(history)
    if best is None:
        return
    at_best = history["epoch"].to_numpy() == best.epoch
    if not look.compared:
        label = f"best epoch: {best.epoch}{' (of the mean)' if look.seeds > 1 else ''}"
        axes.axvline(float(x[at_best][0]), color=_GREY, lw=1, ls=":", label=label)
    axes.plot(x[at_best], validation[at_best], "o", color=look.validation, ms=5.5, zorder=5)


def _legend_text(name: str, count: int) -> str:
    shown = shortened(name, 48) + (f" (mean of {count})" if count > 1 else "")
    # matplotlib leaves a label out that begins with an underscore.
    return f"\u200b{shown}" if shown.startswith("_") else shown


def _explain_lines(axes: Axes, histories: Sequence[pd.DataFrame], metric: str) -> None:
    train, validation, clean = (
        any(np.isfinite(values_of(one, column)).any() for one in histories)
        for column in columns_of(metric)
    )
    has_best = any(best_epoch(one) is not None for one in histories)
    broken = any(not_finite(one, metric).any() for one in histories)
    kinds = (
        (train, "train", {"ls": "--"}),
        (validation, "validation", {"ls": "-"}),
        (clean, "train (clean)", {"ls": "", "marker": "o", "mfc": "white", "ms": 4.5}),
        (has_best and validation, "best epoch", {"ls": "", "marker": "o", "ms": 5.5}),
        (broken, "not finite", {"ls": "", "marker": "x", "mew": 1.6}),
    )
    for there, label, look in kinds:
        if there:
            axes.plot([], [], color=_GREY, label=label, **look)


def _finish(axes: Axes, trainings: Sequence[NamedHistory], metric: str, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel(label)
    if not label.startswith("time"):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    histories = [training.history for training in trainings]
    figures = [values_of(one, column) for one in histories for column in columns_of(metric)]
    values = np.concatenate(figures)
    values = values[np.isfinite(values)]
    if not len(values):
        empty = "no finite value" if any(map(len, histories)) else "no epoch finished"
        axes.text(0.5, 0.5, empty, ha="center", transform=axes.transAxes)
        return
    is_share = values.max() <= 1 and not metric.endswith("loss")
    if not is_share and 0 < values.min() <= values.max() / LOG_SCALE_FROM:
        axes.set_yscale("log")
        label_logarithmic(axes.yaxis)
