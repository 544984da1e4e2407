"""What a training recorded of its batches, as lines along the axis of its learning curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..read.batch_rows import epoch_places
from ..read.named_histories import NamedHistory
from ..read.panels import is_learning_rate
from .curve_view import CurveView

if TYPE_CHECKING:
    import pandas as pd

MOST_POINTS = 1000
"""More points than that are no longer seen apart, and make a large SVG."""
LOSS = "batch_loss"


class Line(NamedTuple):
    """Where to draw what."""

    x: np.ndarray
    """Of shape (points,), in the axis's unit."""
    y: np.ndarray
    label: str


def batch_loss(training: NamedHistory, view: CurveView, unit: float) -> Line | None:
    """The loss of each batch alone, or its mean over a few where there are many batches.

    Args:
        training: Drawn on the same axes.
        view: What runs along the horizontal axis.
        unit: What to divide places on it by.

    Returns:
        None where it was not recorded.
    """
    batches = training.batches
    if batches is None or LOSS not in batches:
        return None
    size = -(-len(batches) // MOST_POINTS)
    x = _places(training, batches, view) / unit
    groups = np.arange(len(batches)) // size
    y = batches[LOSS].replace([np.inf, -np.inf], np.nan)
    label = "batch loss" if size == 1 else f"loss of {size} batches"
    return Line(_last_of(x, size), y.groupby(groups).mean().to_numpy(), label)


def batch_rates(training: NamedHistory, view: CurveView, unit: float) -> dict[str, Line]:
    """The learning rate of each batch, or of every n-th, by the names of the columns."""
    batches = training.batches
    if batches is None:
        return {}
    size = -(-len(batches) // MOST_POINTS)
    x = _last_of(_places(training, batches, view) / unit, size)
    return {
        str(name): Line(x, _last_of(batches[name].to_numpy(dtype=float), size), str(name))
        for name in batches
        if is_learning_rate(str(name))
    }


def _places(training: NamedHistory, batches: pd.DataFrame, view: CurveView) -> np.ndarray:
    """Where each batch ended; NaN where only the ends of epochs tell, and there is none yet."""
    if view.x == "step":
        return batches["step"].to_numpy(dtype=float)
    history = training.history
    places = epoch_places(batches, int(history["epoch"].max()) if len(history) else 0)
    if view.x == "epoch":
        return places
    ends = history["epoch"].to_numpy(dtype=float)
    return np.interp(places, [0, *ends], [0, *view.places(training)], right=np.nan)


def _last_of(values: np.ndarray, size: int) -> np.ndarray:
    """The last of each `size` values, and of the rest."""
    places = np.arange(size - 1, len(values) + size - 1, size)
    return values[np.minimum(places, len(values) - 1)]
