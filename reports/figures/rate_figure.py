"""The figure of a learning-rate range test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .style import TEST, TRAIN, VALIDATION, house_style, label_logarithmic, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..diagnosis.range_test import RangeTest


def plot_range_test(test: RangeTest, ax: Axes | None = None) -> Figure:
    """Draw the loss over the learning rate, raw and smoothed, with the suggested rates.

    Args:
        test: What was measured.
        ax: Where to draw; by default in a new figure.

    Returns:
        The figure with the drawing. A new one is not held by pyplot: it is not shown, and need not
        be closed.
    """
    with house_style():
        if ax is None:
            ax = new_figure(6.0, 3.6).subplots()
        ax.plot(test.rates, test.losses, color=TRAIN, lw=0.8, alpha=0.35, label="loss of the step")
        ax.plot(test.rates, test.smoothed_losses, color=TRAIN, label="smoothed")
        for (rule, rate), colour, line in zip(
            test.suggestions().items(), (VALIDATION, TEST), ("-", "--"), strict=False
        ):
            ax.axvline(rate, color=colour, lw=1.2, ls=line, label=f"{rule} {rate:.1e}")
        ax.set_xscale("log")
        label_logarithmic(ax.xaxis)
        _zoom(ax, test)
        ax.set_xlabel("learning rate")
        ax.set_ylabel("training loss")
        ax.set_title("learning-rate range test")
        ax.legend(loc="best")
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def _zoom(ax: Axes, test: RangeTest) -> None:
    """Fit the vertical axis to the fall: the divergence would press it flat."""
    finite = np.where(np.isfinite(test.smoothed_losses), test.smoothed_losses, np.inf)
    # As for the suggestions, the first few count for nothing: one may be the lowest of all.
    first = len(finite) // 10
    if not np.isfinite(finite[first:]).any():
        return
    # Only the last loss, which ends the test, may not be finite.
    fall = slice(first + int(finite[first:].argmin()) + 1)
    most_losses = np.quantile(test.losses[fall], (0.02, 0.98))
    shown = np.concatenate([test.smoothed_losses[fall], most_losses])
    margin = 0.05 * np.ptp(shown) or 1.0
    ax.set_ylim(shown.min() - margin, shown.max() + margin)
