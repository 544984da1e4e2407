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

DRAWS = 200
LEAST_SIZES = 4
"""Of three sizes every curve of three parameters passes through all."""
# A steeper fall than n^-3 is no learning curve's; it stands for a step between two sizes.
_STEEPEST = 3.0


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
    """(draws, 3) of a, b and c: fits to sizes' means drawn anew within their standard errors."""

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
        None for fewer than four sizes, or where no law was found.
    """
    known = [(n, one) for n, one in zip(sizes, errors, strict=True) if math.isfinite(one.mean)]
    if len(known) < LEAST_SIZES:
        return None
    n = np.array([size for size, _ in known], float)
    means = np.array([one.mean for _, one in known])
    fitted = _fit(n, means)
    if fitted is None:
        return None
    found = [_fit(n, drawn, fitted) for drawn in _drawn([one for _, one in known], draws)]
    others = [one for one in found if one is not None]
    return PowerLaw(*map(float, fitted), np.array(others or [fitted]))


def _fit(n: np.ndarray, errors: np.ndarray, start: np.ndarray | None = None) -> np.ndarray | None:
    from scipy.optimize import curve_fit

    least = max(float(errors.min()), 1e-6)
    first = (0.5 * least, max(float(errors.max()) - 0.5 * least, 1e-6) * n[0] ** 0.5, 0.5)
    begin = first if start is None else tuple(start)
    low, high = (0.0, 0.0, 1e-3), (float(errors.max()) + 1e-6, np.inf, _STEEPEST)
    inside = np.clip(begin, np.array(low) + 1e-9, np.array(high) - 1e-9)
    with warnings.catch_warnings():
        # The spread is taken from the draws, not from the covariance that it warns of.
        warnings.simplefilter("ignore")
        try:
            values, _ = curve_fit(
                lambda size, a, b, c: a + b * size**-c,
                n,
                errors,
                p0=inside,
                sigma=np.maximum(errors, 0.1 * errors.max() + 1e-9),
                bounds=(low, high),
                max_nfev=2000,
            )
        except RuntimeError:
            return None
    return np.asarray(values)


def _drawn(errors: Sequence[Estimate], draws: int) -> np.ndarray:
    """(draws, sizes) of means that other seeds might have given: Student's t about the mean."""
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    random = np.random.RandomState(0)
    drawn = np.empty((draws, len(errors)))
    for place, one in enumerate(errors):
        known = one.count > 1 and one.std > 0
        spread = one.std / math.sqrt(one.count) if known else 0.0
        drawn[:, place] = one.mean + spread * random.standard_t(max(one.count - 1, 1), draws)
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
    ordered = np.sort(values)
    cut = (1 - CONFIDENCE) / 2
    first = math.floor(cut * (len(ordered) - 1))
    return float(ordered[first]), float(ordered[len(ordered) - 1 - first])
