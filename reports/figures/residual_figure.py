"""A picture of the residuals of predicted numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .style import TEST, VALIDATION, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def residual_figure(values: np.ndarray, targets: np.ndarray, title: str) -> Figure:
    """Draw each residual, the target less the prediction, over the prediction.

    Args:
        values: Predictions, (n,), in units of the target.
        targets: True values, (n,).
        title: Shown above.
    """
    with house_style():
        figure = new_figure(6.4, 4.2)
        axes = figure.subplots()
        axes.scatter(values, targets - values, s=9, alpha=0.45, color=VALIDATION, linewidths=0)
        axes.axhline(0, color=TEST, lw=1.0, ls="--")
        axes.set(xlabel="predicted", ylabel="residual: target less predicted", title=title)
    return figure
