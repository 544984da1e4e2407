"""Parallel coordinates: each trial of a search as a line through its settings to its score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..analysis.search_trials import SearchTrial
from ..wording import metric_text
from .search_axis import SearchAxis
from .style import house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def parallel_figure(
    trials: Sequence[SearchTrial],
    axes: Sequence[SearchAxis],
    metric: str,
    sign: int,
    best: SearchTrial,
) -> Figure:
    """Draw a line for each trial that is done, darker the better it is; the best is thick.

    Args:
        trials: Those to draw, and others, which are left out.
        axes: One for each setting.
        metric: The name of what decides, on the last axis.
        sign: 1 where more is better, else -1.
        best: The trial that won.
    """
    from matplotlib import colormaps

    done = sorted((one for one in trials if one.state == "done"), key=lambda one: sign * one.score)
    scores = [one.score for one in done]
    low, high = min(scores), max(scores)
    score_axis = SearchAxis(metric_text(metric), (), low, high if high > low else low + 1, "linear")
    with house_style():
        figure = new_figure(max(6.4, 1.15 * (len(axes) + 1)), 3.9)
        panel = figure.subplots()
        for rank, trial in enumerate(done):
            shade = rank / max(len(done) - 1, 1)
            line = _places(trial, axes, score_axis)
            panel.plot(line, color=colormaps["viridis_r"](0.05 + 0.75 * shade),
                       alpha=0.35 + 0.5 * shade, lw=1.0)  # fmt: skip
        panel.plot(_places(best, axes, score_axis), color="#222222", lw=2.2)
        _draw_axes(panel, [*axes, score_axis])
    return figure


def _places(trial: SearchTrial, axes: Sequence[SearchAxis], score_axis: SearchAxis) -> list[float]:
    places = [axis.place(trial.values[axis.name]) for axis in axes]
    return [*places, score_axis.place(trial.score)]


def _draw_axes(panel: Axes, axes: Sequence[SearchAxis]) -> None:
    panel.grid(visible=False)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    panel.spines["bottom"].set_visible(False)
    panel.set_xlim(-0.35, len(axes) - 0.55)
    panel.set_ylim(-0.05, 1.05)
    for number, axis in enumerate(axes):
        panel.axvline(number, color="#999999", lw=0.9, zorder=0)
        for place, text in axis.ticks():
            panel.annotate(text, (number, place), xytext=(3, 0), textcoords="offset points",
                           fontsize=7, va="center", color="#333333",
                           bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none",
                                 "alpha": 0.75})  # fmt: skip
    names = [axis.name.replace(".", ".\n") for axis in axes]
    panel.set_xticks(range(len(axes)), names)
    panel.tick_params(axis="x", length=0)
