"""Whether classifiers are right as often as they say, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..statistics.calibration import Calibration, pooled
from ..statistics.intervals import estimate
from .style import TEST, TRAIN, VALIDATION, house_style, new_figure, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = (VALIDATION, TRAIN)


def reliability_figure(
    arms: Mapping[str, Sequence[Calibration]], examples: str = "images"
) -> Figure:
    """Draw the share of correct predictions over the predicted probability, and how many there are.

    The curves are of all runs of an arm together; the error shown is the mean over the runs, as in
    tables.

    Args:
        arms: The calibration of each run of one or two arms, by the arm's name.
        examples: What an example is called, `images` or `rows`.
    """
    with house_style():
        figure = new_figure(5.2, 5.4)
        above, below = figure.subplots(2, sharex=True, height_ratios=(3, 1))
        above.plot([0, 1], [0, 1], "--", color=TEST, lw=1.0, label="right as often as predicted")
        width = 0.9 / max(len(arms), 1)
        for place, (name, runs) in enumerate(arms.items()):
            one = pooled(runs)
            colour, filled = _COLOURS[place % len(_COLOURS)], one.counts > 0
            error = estimate(run.error for run in runs).mean
            label = f"{shortened(name, 24)}: error {error:.3f}"
            above.plot(
                one.confidence[filled], one.accuracy[filled], "o-", ms=4, color=colour, label=label
            )
            step = 1 / len(one.counts)
            lefts = (np.arange(len(one.counts)) + place * width) * step
            shares = one.counts / one.counts.sum()
            below.bar(lefts, shares, width * step, align="edge", color=colour)
        above.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share predicted correctly")
        # Beside the axes: curves of under- or overconfident networks fill either corner.
        figure.legend(*above.get_legend_handles_labels(), loc="outside upper left")
        below.set(xlabel="probability of the predicted class", ylabel=f"share of {examples}")
    return figure
