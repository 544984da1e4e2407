"""The mean absolute error beside that of telling each value by the one before it."""

from __future__ import annotations

import math

import numpy as np


def mean_absolute_scaled_error(targets: np.ndarray, values: np.ndarray) -> float:
    """Returns MASE as deck L4 writes it: MAE / ((1 / (n - 1)) * sum |y_i - y_(i-1)|).

    Below 1 the values are nearer to the targets than each target's predecessor is. The differences
    are those of the targets that are judged; Hyndman and Koehler 2006 take the training series'.

    Args:
        targets: in the order that they came in, (n,).
        values: what was told of them, (n,).

    Returns:
        NaN where there are fewer than two targets, or they are all the same.
    """
    steps = np.abs(np.diff(np.asarray(targets, np.float64)))
    if not steps.any():
        return math.nan
    error = np.abs(np.asarray(targets, np.float64) - np.asarray(values, np.float64)).mean()
    return float(error / steps.mean())
