"""The mean absolute error, relative to predicting each value by the one before it."""

from __future__ import annotations

import math

import numpy as np


def mean_absolute_scaled_error(targets: np.ndarray, values: np.ndarray) -> float:
    """Returns MASE as deck L4 writes it: MAE / ((1 / (n - 1)) * sum |y_i - y_(i-1)|).

    Below 1, the values are on average closer to the targets than each target's predecessor is. The
    differences are those of the evaluated targets; Hyndman and Koehler 2006 use the training
    series.

    Args:
        targets: the targets in their order, (n,).
        values: the predictions for them, (n,).

    Returns:
        MASE, or NaN if there are fewer than two targets or they are all the same.
    """
    steps = np.abs(np.diff(np.asarray(targets, np.float64)))
    if not steps.any():
        return math.nan
    error = np.abs(np.asarray(targets, np.float64) - np.asarray(values, np.float64)).mean()
    return float(error / steps.mean())
