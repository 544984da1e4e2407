"""Means over seeds, how far to trust them, and what one rung is worth over another.

Every interval is a 95 % t interval: it covers what another choice of seeds would change, not what
another choice of validation images would.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean, with what is known of its spread; NaN where too few values can say."""

    mean: float
    std: float
    """Standard deviation of the values, with n - 1 below the sum; NaN for fewer than two."""
    low: float
    """Lower end of the mean's 95 % t interval; NaN for fewer than two values."""
    high: float
    count: int


def estimate(values: Iterable[float]) -> Estimate:
    """The mean of those `values` that are not NaN, its spread and its interval."""
    known = np.array([value for value in values if not math.isnan(value)], dtype=float)
    count = len(known)
    if count == 0:
        return Estimate(math.nan, math.nan, math.nan, math.nan, 0)
    mean = float(known.mean())
    if count == 1:
        return Estimate(mean, math.nan, math.nan, math.nan, 1)
    from scipy.special import stdtrit  # a tenth of the time that importing scipy.stats takes

    std = float(known.std(ddof=1))
    half = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * std / math.sqrt(count)
    return Estimate(mean, std, mean - half, mean + half, count)


def paired_difference(upper: Mapping[int, float], lower: Mapping[int, float]) -> Estimate:
    """The mean of `upper` minus `lower` over the seeds that both have.

    Pairing takes out what a seed does to both alike, so the interval is narrower than that of two
    means apart.

    Args:
        upper: A figure for each seed.
        lower: The same figure for each seed, of the rung below.
    """
    return estimate(upper[seed] - lower[seed] for seed in sorted(upper.keys() & lower.keys()))


def standard_error(accuracy: float, images: int | None) -> float:
    """The standard error of an accuracy measured on that many images, sqrt(p(1-p)/n).

    0.0 where the number of images is not known.
    """
    if not images or math.isnan(accuracy):
        return 0.0
    return math.sqrt(max(accuracy * (1 - accuracy), 0.0) / images)
