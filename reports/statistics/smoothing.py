"""Smoothing a noisy curve."""

from __future__ import annotations

import numpy as np


def smoothed(values: np.ndarray, factor: float) -> np.ndarray:
    """The exponential moving average of `values`, without the pull towards 0 at its start.

    After t values v it is sum_i factor^(t - i) v_i / sum_i factor^(t - i): the correction of the
    Adam paper (Kingma and Ba, arXiv 1412.6980, section 3). The first value stays what it is.

    Args:
        values: Numbers in order, of shape (steps,); from one on that is not finite, the averages
            are NaN.
        factor: Weight of the past, from 0 (no smoothing) to below 1; about the last
            1 / (1 - factor) values count.

    Example:
    >>> trickbook.reports.statistics.smoothing.smoothed(np.array([1.0, 1.0, 4.0]), 0.5).tolist()
    [1.0, 1.0, 2.7142857142857144]
    """
    import pandas as pd

    averages = pd.Series(values, dtype=float).ewm(alpha=1 - factor).mean().to_numpy()
    # pandas would go on without what is no number.
    return np.where(np.logical_and.accumulate(np.isfinite(values)), averages, np.nan)
