"""All rungs overlaid: their validation curves on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...runs.deciding import Deciding
from ...runs.history import accuracy_name
from ..read.run_set import Rung
from ..wording import metric_text
from .curves import label_epochs, mean_history, measured
from .style import house_style, rung_colours, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAPTION = (
    "Lines are means over the seeds, as far as all of them go; bands span the lowest to the "
    "highest seed. The axes show what comes after the first tenth of the epochs."
)

_LEGEND_WIDTH = 120
"""Characters that fit below the panels side by side."""


def overlay_figure(rungs: Sequence[Rung], deciding: Deciding | None = None) -> Figure:
    """Draw the deciding metric on validation and the plain cross-entropy, a line per rung.

    Where any rung lacks the plain cross-entropy the loss takes its place, which holds penalties.

    Args:
        rungs: From the lowest up; those without a finished run are left out.
        deciding: The metric that goes left; the accuracy if not given.
    """
    from matplotlib.figure import Figure as NewFigure

    drawn = [rung for rung in rungs if rung.done]
    longest = max((len(rung.name) for rung in drawn), default=1)
    columns = min(max(_LEGEND_WIDTH // (longest + 6), 1), 4)
    with house_style():
        figure = NewFigure(
            figsize=(9.0, 3.9 + 0.2 * -(-len(drawn) // columns)), layout="constrained"
        )
        panels = figure.subplots(1, 2)
        loss = _loss_metric(drawn)
        colours = rung_colours(len(rungs))
        histories = [run.history for rung in drawn for run in rung.done]
        deciding = deciding or Deciding()
        name = accuracy_name(*histories) if deciding.is_accuracy else deciding.metric
        for axes, metric in zip(panels, (f"val_{name}", loss), strict=True):
            for rung, colour in zip(rungs, colours, strict=True):
                if rung.done:
                    _draw_rung(axes, rung, metric, colour)
            _zoom(axes, drawn, metric)
            axes.set_title(f"{metric_text(metric.removeprefix('val_'))} on validation")
            label_epochs(axes)
        handles, labels = panels[0].get_legend_handles_labels()
        names = [shortened(label, 60) for label in labels]
        figure.legend(handles, names, loc="outside lower center", ncols=columns)
    return figure


def _zoom(axes: Axes, rungs: Sequence[Rung], metric: str) -> None:
    """Fits the vertical axis to the later epochs: the first ones would press the rungs together."""
    late = []
    for rung in rungs:
        epochs, values = measured(mean_history([run.history for run in rung.done]), metric)
        late += [y for x, y in zip(epochs, values, strict=True) if x > max(epochs) / 10]
    if len(late) > len(rungs):
        low, high = min(late), max(late)
        margin = 0.05 * (high - low) or 0.01
        axes.set_ylim(low - margin, high + margin)


def _loss_metric(rungs: Sequence[Rung]) -> str:
    plain = all("val_cross_entropy" in run.history for rung in rungs for run in rung.done)
    return "val_cross_entropy" if plain else "val_loss"


def _draw_rung(axes: Axes, rung: Rung, metric: str, colour: tuple[float, ...]) -> None:
    histories = [run.history for run in rung.done]
    epochs, values = measured(mean_history(histories), metric)
    marker = "o" if len(epochs) == 1 else ""  # a line through one point cannot be seen
    axes.plot(epochs, values, color=colour, label=rung.name, marker=marker, lw=1.4)
    if len(histories) > 1:
        import pandas as pd

        finite = [pd.Series(y, index=x) for x, y in (measured(one, metric) for one in histories)]
        table = pd.concat(finite, axis=1)
        axes.fill_between(
            table.index, table.min(axis=1), table.max(axis=1), color=colour, alpha=0.18, lw=0
        )
