"""How good the best of a search's trials was after each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.search_trials import SearchTrial, best_so_far
from ..wording import metric_text
from .style import TEST, TRAIN, VALIDATION, house_style, limits_around, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def best_so_far_figure(trials: Sequence[SearchTrial], sign: int, metric: str, own: float) -> Figure:
    """Draw each trial's score and the best so far.

    A trial that was given up stands where its curve was left, which is no score, or on the edge if
    that lies beyond all scores; one that failed has a mark on that edge.

    Args:
        trials: In their order.
        sign: 1 where more is better, else -1.
        metric: The name of what decides.
        own: The score of the rung's own settings; NaN if it is not known.
    """
    from matplotlib.ticker import MaxNLocator

    with house_style():
        figure = new_figure(6.8, 3.8)
        axes = figure.subplots()
        best = best_so_far(trials, sign)
        numbers = [trial.number for trial in trials]
        axes.step(numbers, best, where="post", color=VALIDATION, label="best so far")
        if not math.isnan(own):
            axes.axhline(own, color=TRAIN, lw=1.1, ls="--", label="the rung's own settings")
        low, high = limits_around([*(one.score for one in trials), own], 0.06) or (0.0, 1.0)
        axes.set_ylim(low, high)
        _draw_trials(axes, trials, (low, high))
        _draw_failed(axes, trials, low if sign > 0 else high)
        axes.set_xlabel("trial")
        axes.set_ylabel(f"{metric_text(metric)} in the search")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


def _draw_trials(axes: Axes, trials: Sequence[SearchTrial], limits: tuple[float, float]) -> None:
    done = [one for one in trials if one.state == "done"]
    pruned = [one for one in trials if one.state == "pruned" and not math.isnan(one.last)]
    axes.plot([one.number for one in done], [one.score for one in done], "o", ms=4.5,
              color=VALIDATION, alpha=0.55, label="trial")  # fmt: skip
    if pruned:
        places = [one.number for one in pruned]
        left = np.clip([one.last for one in pruned], *limits)
        axes.plot(places, left, "x", ms=5, color=TEST, label="given up", clip_on=False)


def _draw_failed(axes: Axes, trials: Sequence[SearchTrial], edge: float) -> None:
    failed = [one.number for one in trials if one.state == "failed"]
    if failed:
        axes.plot(failed, [edge] * len(failed), "v", ms=6, color=TRAIN, label="failed",
                  clip_on=False, zorder=5)  # fmt: skip
