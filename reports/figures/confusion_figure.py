"""The confusion matrix as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .style import house_style, new_figure, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_NUMBERS = 15
"""Up to this many classes each cell shows its share; beyond, the figures would not fit."""
_MOST_LABELS = 25
"""Beyond this many classes only every second, third, ... one is named."""


def confusion_figure(counts: np.ndarray, classes: Sequence[str], title: str) -> Figure:
    """Draw which class was taken for which, in shares of the true class.

    Args:
        counts: Of shape (classes, classes): rows true, columns predicted.
        classes: The names of the classes, in order.
        title: Shown above.
    """
    counts = np.asarray(counts, dtype=float)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    number = len(classes)
    side = float(np.clip(0.5 * number, 3.4, 7.5))
    with house_style():
        figure = new_figure(side + 1.6, side + 1.0)
        axes = figure.subplots()
        picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        figure.colorbar(picture, ax=axes, label="share of the true class", shrink=0.8)
        step = -(-number // _MOST_LABELS)
        named = range(0, number, step)
        labels = [shortened(str(classes[index]), 18) for index in named]
        small = 8.5 if number <= _MOST_NUMBERS else 7
        axes.set_xticks(list(named), labels, fontsize=small)
        if max(map(len, labels), default=0) > 3:
            upright = number > _MOST_NUMBERS
            for label in axes.get_xticklabels():
                label.set(rotation=90 if upright else 45, ha="right", rotation_mode="anchor")
                label.set_verticalalignment("center" if upright else "top")
        axes.set_yticks(list(named), labels, fontsize=small)
        axes.set(xlabel="predicted", ylabel="true", title=title)
        axes.grid(visible=False)
        if number <= _MOST_NUMBERS:
            _write_shares(axes, shares)
    return figure


def _write_shares(axes: Axes, shares: np.ndarray) -> None:
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.005:
            colour = "white" if share > 0.55 else "#222222"
            text = f"{share:.2f}".removeprefix("0")
            axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
