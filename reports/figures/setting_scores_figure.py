"""The scores of a search's trials over each setting that was searched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..analysis.search_trials import SearchTrial
from ..wording import metric_text
from .search_axis import SearchAxis
from .style import TEST, TRAIN, VALIDATION, house_style, limits_around, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 3


def setting_scores_figure(
    trials: Sequence[SearchTrial],
    axes: Sequence[SearchAxis],
    metric: str,
    sign: int,
    best: SearchTrial,
) -> Figure:
    """Draw a panel for each setting, on the scale that it was searched on.

    Of a trial that was given up or failed a mark on the edge of the worst scores tells where it
    was.

    Args:
        trials: In their order; later ones are darker.
        axes: One for each setting.
        metric: The name of what decides.
        sign: 1 where more is better, else -1.
        best: The trial that won, which is ringed.
    """
    rows = math.ceil(len(axes) / _ROW)
    columns = min(len(axes), _ROW)
    low, high = limits_around([one.score for one in trials], 0.06) or (0.0, 1.0)
    with house_style():
        figure = new_figure(max(4.6, 3.0 * columns), 2.5 * rows + 0.4)
        panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
        for panel, axis in zip(panels, axes, strict=False):
            _draw(panel, axis, trials, low if sign > 0 else high)
            panel.plot(axis.place(best.values[axis.name]), best.score, "o", ms=11, mfc="none",
                       mec="#333333", mew=1.4)  # fmt: skip
            axis.label(panel.xaxis)
            panel.set_xlim(-0.06, 1.06)
            panel.set_ylim(low, high)
            panel.set_xlabel(axis.name)
        for panel in panels[len(axes) :]:
            panel.set_visible(False)
        figure.supylabel(f"{metric_text(metric)} in the search", fontsize=9)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


def _draw(panel: Axes, axis: SearchAxis, trials: Sequence[SearchTrial], edge: float) -> None:
    from matplotlib.colors import to_rgba

    done = [one for one in trials if one.state == "done"]
    places = [axis.place(one.values[axis.name]) for one in done]
    last = max((one.number for one in trials), default=0) or 1
    shades = [0.3 + 0.6 * one.number / last for one in done]
    scores = [one.score for one in done]
    colours = [to_rgba(VALIDATION, shade) for shade in shades]
    panel.scatter(places, scores, s=22, color=colours, label="trial", lw=0)
    for state, marker, colour in (("pruned", "|", TEST), ("failed", "v", TRAIN)):
        found = [axis.place(one.values[axis.name]) for one in trials if one.state == state]
        if found:
            label = {"pruned": "given up", "failed": "failed"}[state]
            panel.plot(found, [edge] * len(found), marker, ms=6, color=colour, alpha=0.8,
                       label=label, clip_on=False)  # fmt: skip
