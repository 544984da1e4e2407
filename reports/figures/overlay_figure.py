"""All rungs overlaid: their validation curves on one axis."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ...runs.deciding import Deciding
from ...runs.history import accuracy_name
from ..read.epochs import mean_history, measured
from ..read.run_set import Rung
from ..wording import metric_text
from .curves import label_epochs
from .line_labels import LineEnd, label_ends, told_apart
from .seed_band import seed_band, seed_range
from .style import house_style, new_figure, rung_colours, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Bands from the lowest to the highest seed; those of more rungs would hide one another.
_MOST_BANDS = 4
MOST_NAMED = 12
"""Of more lines neither the names nor the colours could be told apart."""
OTHERS = "#C8C8C8"
"""The colour of lines that do not stand out."""


def overlay_figure(
    rungs: Sequence[Rung],
    deciding: Deciding | None = None,
    named: Collection[str] | None = None,
) -> Figure:
    """Draw the deciding metric on validation and the plain cross-entropy, a line per rung.

    A regression has the mean absolute error beside the RMSE. Where any rung lacks these the loss
    takes their place, which holds penalties.

    Args:
        rungs: From the lowest up; those without a finished run are left out.
        deciding: The metric that goes left; the accuracy if not given.
        named: The rungs that stand out, by their names; the others are grey. None: all do.
    """
    drawn = [rung for rung in rungs if rung.done]
    with house_style():
        figure = new_figure(9.0, 3.9)
        panels = figure.subplots(1, 2)
        places = standing_out(rungs, named)
        palette = rung_colours(sum(place is not None for place in places))
        colours = [None if place is None else palette[place] for place in places]
        names = told_apart([rung.name for rung in rungs])
        metrics = overlay_metrics(drawn, deciding or Deciding())
        for axes, metric in zip(panels, metrics, strict=True):
            ends = [
                _draw_rung(axes, rung, metric, name, colour, has_bands(drawn))
                for rung, name, colour in zip(rungs, names, colours, strict=True)
                if rung.done
            ]
            axes.set_ylim(shown_range(drawn, metric))
            label_ends(axes, [end for end in ends if end is not None])
            axes.set_title(f"{metric_text(metric.removeprefix('val_'))} on validation")
            label_epochs(axes)
    return figure


def overlay_caption(rungs: Sequence[Rung]) -> str:
    """How to read the figure of these rungs."""
    band = " A band goes from the lowest to the highest seed." if has_bands(rungs) else ""
    return (
        f"Lines are means over the seeds, as far as all of them go.{band} The axes show what comes "
        "after the first tenth of the epochs."
    )


def has_bands(rungs: Sequence[Rung]) -> bool:
    """Whether the figure of these rungs shows how far their seeds lie apart."""
    drawn = [rung for rung in rungs if rung.done]
    return len(drawn) <= _MOST_BANDS and any(len(rung.done) > 1 for rung in drawn)


def standing_out(rungs: Sequence[Rung], named: Collection[str] | None) -> list[int | None]:
    """The place of each rung among those that stand out, from 0; None for one that does not.

    Args:
        rungs: All of them.
        named: The names of those that do. None: all.
    """
    places: list[int | None] = []
    for rung in rungs:
        is_out = named is None or rung.name in named
        places.append(sum(place is not None for place in places) if is_out else None)
    return places


def overlay_metrics(rungs: Sequence[Rung], deciding: Deciding) -> list[str]:
    """The columns that are drawn; see `validation_columns`."""
    return validation_columns([one for rung in rungs for one in rung.histories], deciding)


def validation_columns(histories: Sequence[pd.DataFrame], deciding: Deciding) -> list[str]:
    """The columns of what decides on validation, and of another metric without penalties.

    That is the plain cross-entropy, or the other error of a regression; else the loss.
    """
    name = accuracy_name(*histories) if deciding.is_accuracy else deciding.metric
    plain = ["cross_entropy", "mae" if name == "rmse" else "rmse"]
    everywhere = [one for one in plain if all(f"val_{one}" in history for history in histories)]
    return [f"val_{name}", f"val_{[*everywhere, 'loss'][0]}"]


def shown_range(rungs: Sequence[Rung], metric: str) -> tuple[float, float] | None:
    """The range of the later epochs: the first ones would press the rungs together.

    It holds the bands where there are any. None where there are too few of these epochs.
    """
    lows, highs = [], []
    for rung in rungs:
        mean = mean_history(rung.histories)
        is_wide = has_bands(rungs) and len(rung.done) > 1
        low_edge, high_edge = seed_band(rung.histories, "range") if is_wide else (mean, mean)
        lows += _late(low_edge, metric)
        highs += _late(high_edge, metric)
    if len(lows) <= len(rungs):
        return None
    low, high = min(lows), max(highs)
    margin = 0.05 * (high - low) or 0.01
    return low - margin, high + margin


def _late(table: pd.DataFrame, metric: str) -> list[float]:
    epochs, values = measured(table, metric)
    return [y for x, y in zip(epochs, values.tolist(), strict=True) if x > max(epochs) / 10]


def _draw_rung(
    axes: Axes,
    rung: Rung,
    metric: str,
    name: str,
    colour: tuple[float, ...] | None,
    with_band: bool,
) -> LineEnd | None:
    """Draw a rung's line, and return where it ends and is to be named.

    None where nothing was measured, and of a rung that does not stand out, which has no colour.
    """
    epochs, values = measured(mean_history(rung.histories), metric)
    if colour is None:
        axes.plot(epochs, values, color=OTHERS, lw=1.0, zorder=1.5)
        return None
    marker = "o" if len(epochs) == 1 else ""  # a line through one point cannot be seen
    axes.plot(epochs, values, color=colour, marker=marker, lw=1.4)
    if with_band and len(rung.done) > 1:
        band = seed_range(rung.histories, metric)
        axes.fill_between(epochs, *band, color=colour, alpha=0.18, lw=0)
    if not len(epochs):
        return None
    return LineEnd(shortened(name, 24), colour, float(epochs[-1]), float(values[-1]))
