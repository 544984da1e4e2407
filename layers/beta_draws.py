"""Draws from a symmetric beta distribution, made from uniform draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

# The quantiles in between are interpolated.
_STEPS = 2**12


def beta_quantiles(alpha: float) -> np.ndarray:
    """Returns evenly spaced quantiles of Beta(alpha, alpha), for `beta`."""
    from scipy import stats

    return stats.beta.ppf(np.linspace(0.0, 1.0, _STEPS + 1), alpha, alpha).astype("float32")


def beta(draws: Any, quantiles: np.ndarray) -> Any:
    """Maps uniform draws in 0..1 to draws of the distribution whose quantiles are given."""
    table = ops.convert_to_tensor(quantiles)
    position = draws * float(_STEPS)
    before = ops.minimum(ops.floor(position), _STEPS - 1.0)
    place = ops.cast(before, "int32")
    low, high = ops.take(table, place), ops.take(table, place + 1)
    return low + (position - before) * (high - low)
