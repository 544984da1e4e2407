"""The p of what was chosen as the best of several by the very examples that judge it.

What leads of several tricks leads by luck, too. New seeds forget the luck of the seeds that chose
it; the examples are the same, and their luck stays. That of the leader is at most that of the
luckiest of all `rivals`. With the share r of the variance estimated from seeds, the distance of
its mean to the truth, in standard errors, is then no more than sqrt(r) T + sqrt(1 - r) M, with
Student's t and the largest M of so many independent ones; of differences to one model, which go
together, the largest is smaller still (Slepian, Bell System Technical Journal 41, 1962, 463-501,
of normal ones). Of one rival it is the one-sided p of `behrens_fisher`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np

from .two_sources import Difference, freedom_of

# Gauss-Legendre nodes, spread by a sinh: close to each other near 0, and as far out as a t may lie.
_NODES, _SPREAD = 400, 6.0


def chosen_p(found: Difference, rivals: int) -> float:
    """The chance of a difference so far above zero, where none of the rivals is better.

    Args:
        found: of what led, over seeds that did not choose it; above zero is better.
        rivals: how many it was chosen from, itself included, 1 or more.

    Returns:
        In 0..1; NaN where no interval is known.

    Raises:
        ValueError: there are no rivals.
    """
    from scipy.special import stdtr  # a tenth of the time that importing scipy.stats takes

    if rivals < 1:
        raise ValueError(f"What was chosen is one of its rivals. Received: rivals={rivals}")
    if not found.is_known:
        return math.nan
    freedom = freedom_of(found.seeds, found.examples)
    luck, weights = _luckiest(rivals, freedom.of_rest)
    distance = found.mean / found.standard_error - math.sqrt(1 - found.seeds_share) * luck
    beyond = stdtr(freedom.of_share, -distance / math.sqrt(found.seeds_share))
    return float(beyond @ weights)


def may_be_shown(found: Difference, rivals: int, seeds: int, level: float) -> bool:
    """Whether this many seeds in all may yet show a difference, if new ones are like those seen.

    It is asked in its favour, of what was seen and a standard error more of what seeds leave open:
    the first few tell little.

    Args:
        found: of what led, over seeds that did not choose it; above zero is better.
        rivals: as for `chosen_p`.
        seeds: how many there may be, those seen included.
        level: the p that is to be reached.
    """
    of_seeds = found.seeds_share * found.standard_error**2
    later = of_seeds * found.seeds / seeds
    error = math.sqrt(later + (1 - found.seeds_share) * found.standard_error**2)
    then = replace(
        found,
        mean=found.mean + math.sqrt(of_seeds),
        standard_error=error,
        seeds_share=min(1.0, later / error**2),  # which a rounding may pass
        seeds=seeds,
    )
    return chosen_p(then, rivals) <= level


@cache
def _luckiest(rivals: int, freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """Values of the largest of so many of Student's t, and their weights, to take means over."""
    from scipy.special import stdtr

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    values = np.sinh(_SPREAD * nodes)
    density = (1 + values**2 / freedom) ** (-(freedom + 1) / 2)
    weights = weights * np.cosh(_SPREAD * nodes) * density * stdtr(freedom, values) ** (rivals - 1)
    return values, weights / weights.sum()
