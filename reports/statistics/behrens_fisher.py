"""The law of a mean whose variance is partly estimated from few seeds, and partly known.

With nu degrees of freedom behind the share r of the variance, the mean's distance to the truth, in
standard errors, is spread like sqrt(r) T_nu + sqrt(1 - r) Z: Student's t and a normal one. That is
Fisher's solution of the Behrens-Fisher problem (Annals of Eugenics 11, 1941, 141-172) with one of
the two variances known, and the generalised p-value of Tsui and Weerahandi (JASA 84, 1989,
602-607). r = 1 is the t test, r = 0 the z test. It never calls more than a share p of true
hypotheses false, also far out, where Holm's procedure and early looks read it; the t of
Satterthwaite's or Hillis's degrees of freedom does so four times too often there with three seeds
(`benchmarks/verdicts.py`).

For the same reason it is wider than need be near 95 %. Intervals take `matching_p`: the posterior
under the prior of Ghosh and Kim (Canadian Journal of Statistics 29, 2001, 5-17), (s + k) / s^2 for
the estimated part s of the variance and the known one k, which is made so that its intervals cover
as often as they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

# Gauss-Legendre nodes; they leave no p above 1e-12 off by more than 1e-6 of it.
_NODES = 128
_REACH = 8.0  # Deviations of a chi that the integral covers.
# Far out nearly all of p comes of chis near 0. As powers of evenly spread nodes many lie there.
_POWER = 6
# How far off the logarithm of a distance may be, and the least p that has a logarithm here.
_CLOSE, _LEAST = 1e-10, 1e-300


def one_sided_p(distance: np.ndarray, share: np.ndarray, freedom: int) -> np.ndarray:
    """The chance of lying more than `distance` standard errors above the truth.

    Args:
        distance: Of any shape, of either sign.
        share: How much of the variance is estimated, in 0..1; of the same shape.
        freedom: Degrees of freedom of the estimated part, 1 or more.
    """
    from scipy.special import ndtr  # a tenth of the time that importing scipy.stats takes

    distance = np.asarray(distance, dtype=float)[..., None]
    share = np.asarray(share, dtype=float)[..., None]
    squares, weights = _chi_squares(freedom)
    return ndtr(-distance / np.sqrt(share * freedom / squares + 1 - share)) @ weights


def matching_p(distance: np.ndarray, share: np.ndarray, freedom: int) -> np.ndarray:
    """As `one_sided_p`, under the prior of Ghosh and Kim."""
    share = np.asarray(share, dtype=float)
    # Their prior mixes two laws: that of Fisher, and one with two degrees of freedom more.
    narrower = share * freedom / (freedom + 2)
    scale = np.sqrt(narrower + 1 - share)
    more = one_sided_p(np.asarray(distance) / scale, narrower / scale**2, freedom + 2)
    return share * one_sided_p(distance, share, freedom) + (1 - share) * more


def critical_distance(p: float, share: np.ndarray, freedom: int) -> np.ndarray:
    """The distance whose `one_sided_p` is `p`, for p below 0.5."""
    return _inverse(one_sided_p, p, share, freedom)


def matching_distance(p: float, share: np.ndarray, freedom: int) -> np.ndarray:
    """The distance whose `matching_p` is `p`, for p below 0.5."""
    return _inverse(matching_p, p, share, freedom)


def power(effect: np.ndarray, p: float, share: float, freedom: int) -> np.ndarray:
    """How often a true effect is found, on its own side, by a test at one-sided level `p`.

    Args:
        effect: True effects in true standard errors of the mean, 0 or more.
        p: The one-sided level.
        share: How much of the true variance is what the seeds estimate, in 0..1.
        freedom: Degrees of freedom of that estimate.
    """
    from scipy.special import ndtr

    reached, weights = _thresholds(p, share, freedom)
    return ndtr(np.asarray(effect)[..., None] - reached) @ weights


@lru_cache(maxsize=256)
def _thresholds(p: float, share: float, freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """How far the mean must lie, in true standard errors, at values of what seeds estimate."""
    squares, weights = _chi_squares(freedom)
    estimated = share * squares / freedom
    error = np.sqrt(estimated + (1 - share))  # of small parts + 1 - 1 would leave nothing
    part = np.minimum(estimated / error**2, 1.0)  # which a rounding may pass
    return critical_distance(p, part, freedom) * error, weights


def _inverse(
    tail: Callable[[np.ndarray, np.ndarray, int], np.ndarray],
    p: float,
    share: np.ndarray,
    freedom: int,
) -> np.ndarray:
    from scipy.optimize.elementwise import find_root

    share = np.asarray(share, dtype=float)

    # Far out a Student's p is a power of the distance, so that its logarithm is a line over that
    # of the distance.
    def excess(log_distance: np.ndarray, share: np.ndarray) -> np.ndarray:
        there = tail(np.exp(log_distance), share, freedom)
        found: np.ndarray = np.log(np.maximum(there, _LEAST) / p)
        return found

    low, high = _bounds(p, share, freedom)
    bracket = (np.log(low), np.log(high))
    found = find_root(excess, bracket, args=(share,), tolerances={"xatol": _CLOSE, "fatol": 0})
    return np.exp(found.x)


def _bounds(p: float, share: np.ndarray, freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """What a distance is at least and at most, by either law and that of Ghosh and Kim."""
    from scipy.special import ndtri, stdtrit

    # A sum of two such laws is spread wider than either ...
    narrower = np.sqrt(share * freedom / (freedom + 2)) * -stdtrit(freedom + 2, p)
    low = np.maximum(narrower, np.sqrt(1 - share) * -ndtri(p))
    # ... and beyond a sum of distances only where one of them is beyond its own.
    high = np.sqrt(share) * -stdtrit(freedom, p / 2) + np.sqrt(1 - share) * -ndtri(p / 2)
    # With a little room for rounding, where a bound is the distance itself.
    return low * (1 - 1e-9), high * (1 + 1e-9)


@cache
def _chi_squares(freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """Values of a chi-square and their weights, to take means over."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    nodes = (nodes + 1) / 2
    low = max(math.sqrt(freedom) - _REACH, 0.0)
    reach = math.sqrt(freedom) + _REACH - low
    chi = low + reach * nodes**_POWER
    logs = (freedom - 1) * np.log(chi) - chi**2 / 2 + (_POWER - 1) * np.log(nodes)
    weights = weights * np.exp(logs - logs.max())
    return chi**2, weights / weights.sum()
