"""How an error falls with the number of training examples: err(n) = a + b n^-c, and how surely.

Errors of learning curves follow such a law over the range in which more data help (Hestness et al.
2017, Deep Learning Scaling is Predictable, Empirically; Cortes et al. 1994, Learning Curves).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .intervals import CONFIDENCE, Estimate

DRAWS = 1000
LEAST_SIZES = 4
"""Of three sizes every curve of three parameters passes through all."""
EXPONENTS = np.geomspace(0.01, 3.0, 400)
"""A steeper fall than n^-3 is no learning curve's, but a step between two sizes."""


@dataclass(frozen=True)
class PowerLaw:
    """A fitted law, and laws fitted to what other seeds might have given."""

    floor: float
    """a, the error that stays with any amount of data, in the unit of the error."""
    scale: float
    """b."""
    exponent: float
    """c."""
    draws: np.ndarray
    """(draws, 3) of a, b and c: fits to new means of the sizes, drawn within their standard errors.

    None are drawn where a size has one seed: all that they tell is then NaN.
    """

    def error(self, size: float) -> float:
        """The expected error at a number of training examples."""
        return float(self.floor + self.scale * size**-self.exponent)

    def interval(self, size: float) -> tuple[float, float]:
        """Between which errors it lies there: what other seeds would change, at 95 %."""
        a, b, c = self.draws.T
        return _middle(a + b * np.power(float(size), -c))

    def gain(self, before: float, after: float) -> tuple[float, float, float]:
        """By how much the error falls between two sizes: the law's own, and its interval."""
        _, b, c = self.draws.T
        falls = b * (np.power(float(before), -c) - np.power(float(after), -c))
        return self.error(before) - self.error(after), *_middle(falls)

    def size_for(self, error: float) -> float:
        """How many training examples give that error; inf where no number does."""
        return float(_size_for(error, self.floor, self.scale, self.exponent))

    def size_interval(self, size: float, fall: float) -> tuple[float, float]:
        """Between which sizes the error is by `fall` below that at `size`; inf where never."""
        sizes = [_size_for(a + b * size**-c - fall, a, b, c) for a, b, c in self.draws]
        return _middle(np.array(sizes))


def fit_power_law(
    sizes: Sequence[float], errors: Sequence[Estimate], draws: int = DRAWS
) -> PowerLaw | None:
    """Fit the law to the mean errors of some sizes, each weighted by its size: 10 % counts alike.

    Args:
        sizes: Numbers of training examples, in ascending order.
        errors: The error at each, over seeds: a share or in units of the target, 0 or above.
        draws: How many laws to fit to what other seeds might have given.

    Returns:
        None for fewer than four sizes.
    """
    known = [(n, one) for n, one in zip(sizes, errors, strict=True) if math.isfinite(one.mean)]
    if len(known) < LEAST_SIZES:
        return None
    n = np.array([size for size, _ in known], float)
    means = np.array([one.mean for _, one in known])
    fitted = _fit(n, means)
    is_spread_known = all(one.count > 1 for _, one in known)
    drawn = _drawn([one for _, one in known], draws if is_spread_known else 0)
    floor, scale, exponent = map(float, fitted)
    return PowerLaw(floor, scale, exponent, _grid_fit(n, drawn))


def _fit(n: np.ndarray, errors: np.ndarray) -> np.ndarray:
    from scipy.optimize import curve_fit

    # The least squares have several minima; the grid's is the lowest, and curve_fit ends its way.
    start = _grid_fit(n, errors[np.newaxis])[0]
    low, high = (0.0, 0.0, EXPONENTS[0]), (np.inf, np.inf, EXPONENTS[-1])
    with warnings.catch_warnings():
        # The spread is taken from the draws, not from the covariance that it warns of.
        warnings.simplefilter("ignore")
        try:
            values, _ = curve_fit(
                lambda size, a, b, c: a + b * size**-c,
                n,
                errors,
                p0=np.clip(start, low, high),
                sigma=_weights(errors),
                bounds=(low, high),
            )
        except RuntimeError:  # It found no way on.
            return start
    return np.asarray(values)


def _grid_fit(n: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """(draws, 3) of a, b and c that fit errors (draws, sizes) best, with c one of EXPONENTS.

    For a given c the law is linear, so that a and b come from its normal equations; where one of
    them would be below 0, it is 0.
    """
    weights = 1 / _weights(errors)[:, np.newaxis] ** 2
    falls = np.power(n, -EXPONENTS[:, np.newaxis])
    y = errors[:, np.newaxis]
    sums = {
        "1": weights.sum(-1),
        "x": (weights * falls).sum(-1),
        "xx": (weights * falls**2).sum(-1),
        "y": (weights * y).sum(-1),
        "xy": (weights * falls * y).sum(-1),
    }
    determinant = sums["1"] * sums["xx"] - sums["x"] ** 2
    slope = np.maximum((sums["1"] * sums["xy"] - sums["x"] * sums["y"]) / determinant, 0.0)
    floor = (sums["y"] - slope * sums["x"]) / sums["1"]
    slope = np.where(floor < 0, sums["xy"] / sums["xx"], slope)
    floor = np.maximum(floor, 0.0)
    misses = floor[..., np.newaxis] + slope[..., np.newaxis] * falls - y
    best = (weights * misses**2).sum(-1).argmin(axis=1)
    every = np.arange(len(errors))
    return np.stack([floor[every, best], slope[every, best], EXPONENTS[best]], axis=1)


def _weights(errors: np.ndarray) -> np.ndarray:
    """What a miss of each error is divided by: itself, so that 10 % of any count alike."""
    return np.maximum(errors, 0.1 * errors.max(axis=-1, keepdims=True) + 1e-9)


def _drawn(errors: Sequence[Estimate], draws: int) -> np.ndarray:
    """(draws, sizes) of means that other seeds might have given: Student's t about the mean."""
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    random = np.random.RandomState(0)
    drawn = np.empty((draws, len(errors)))
    for place, one in enumerate(errors):
        error = one.std / math.sqrt(one.count)
        drawn[:, place] = one.mean + error * random.standard_t(max(one.count - 1, 1), draws)
    return np.maximum(drawn, 0.0)


def _size_for(error: float, floor: float, scale: float, exponent: float) -> float:
    if error <= floor or scale <= 0:
        return math.inf
    try:
        return float((scale / (error - floor)) ** (1 / exponent))
    except OverflowError:
        return math.inf


def _middle(values: np.ndarray) -> tuple[float, float]:
    """The range of the middle 95 % of the values; of infinite ones too."""
    if not len(values):
        return math.nan, math.nan
    ordered = np.sort(values)
    cut = (1 - CONFIDENCE) / 2
    first = math.floor(cut * (len(ordered) - 1))
    return float(ordered[first]), float(ordered[len(ordered) - 1 - first])
