"""What a comparison could have shown, and what it would take to decide it.

The variance of the mean is taken to be what was measured: the seeds' part falls with their number,
the examples' part does not. Nor does, where each seed has a split of its own, what the correction
for the examples that splits share adds.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .behrens_fisher import power
from .resampled import SPLITS
from .two_sources import Difference, freedom_of

POWER = 0.8
# Nobody trains more.
MOST_SEEDS = 10_000
_HALVINGS = 40


@dataclass(frozen=True)
class Outlook:
    """What an undecided comparison could have shown, and what would decide it."""

    detectable: float
    """The true effect that so many seeds show with a chance of 80 %, in the scores' unit."""
    seeds_needed: float
    """With how many seeds an effect of the size seen shows with that chance; inf for none. Where a
    study is looked at again, the number at the first such look."""
    is_hopeless: bool
    """Whether no number would do because what stays of the variance alone is too large."""


def outlook(
    measured: Difference, level: float, looks: Mapping[int, float] | None = None
) -> Outlook:
    """What `measured` could have shown at the two-sided `level`, and what would decide it.

    Args:
        measured: A difference that is known.
        level: The two-sided p that counts as shown, in 0..1.
        looks: By the number of seeds, in rising order, that of each look which is still to come.
    """
    if looks:
        needed = _seeds_at_looks(measured, looks)
        most = max(looks.values())
    else:
        needed, most = seeds_needed(measured, level), level
    return Outlook(detectable_effect(measured, level), needed, is_hopeless(measured, most))


def detectable_effect(measured: Difference, level: float) -> float:
    """The true effect that so many seeds show with a chance of 80 %, in the scores' unit.

    Args:
        measured: A difference that is known.
        level: The two-sided p that counts as shown.
    """
    low, high = 0.0, 2.0
    while _chance(high, measured.seeds_share, measured.seeds, measured, level) < POWER:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        chance = _chance(middle, measured.seeds_share, measured.seeds, measured, level)
        low, high = (low, middle) if chance >= POWER else (middle, high)
    return high * measured.standard_error


def seeds_needed(measured: Difference, level: float) -> float:
    """With how many seeds an effect of the size seen would show with a chance of 80 %.

    `math.inf` where 10,000 seeds would not do. Sizes seen are themselves uncertain, so that this is
    a rough guide.
    """
    if is_hopeless(measured, level) or not _is_shown_with(MOST_SEEDS, measured, level):
        return math.inf
    numbers = range(2, MOST_SEEDS)
    place = bisect_left(numbers, True, key=lambda one: _is_shown_with(one, measured, level))
    return float(numbers.start + place)


def is_hopeless(measured: Difference, level: float) -> bool:
    """Whether what stays of the variance, however many seeds, hides an effect of the size seen."""
    falling = _falling(measured)
    if falling >= 1:
        return False
    effect = abs(measured.mean) / (measured.standard_error * math.sqrt(1 - falling))
    estimated = (measured.seeds_share - falling) / (1 - falling)
    return _chance(effect, estimated, MOST_SEEDS, measured, level) < POWER


def _seeds_at_looks(measured: Difference, looks: Mapping[int, float]) -> float:
    shown = (
        float(number) for number, level in looks.items() if _is_shown_with(number, measured, level)
    )
    return next(shown, math.inf)


def _is_shown_with(seeds: int, measured: Difference, level: float) -> bool:
    falling = _falling(measured)
    of_seeds = falling * measured.seeds / seeds
    variance = of_seeds + (1 - falling)  # in this order of_seeds / variance is at most 1
    effect = abs(measured.mean) / (measured.standard_error * math.sqrt(variance))
    # What seeds estimate and what falls with them are one, but where each has a split of its own.
    estimated = min((of_seeds + measured.seeds_share - falling) / variance, 1.0)
    return _chance(effect, estimated, seeds, measured, level) >= POWER


def _falling(measured: Difference) -> float:
    """How much of the square of the standard error falls with the number of seeds, in 0..1."""
    if measured.covers != SPLITS:
        return measured.seeds_share
    plain = measured.over_seeds.std / math.sqrt(measured.seeds)
    return (plain / measured.standard_error) ** 2


def _chance(effect: float, share: float, seeds: int, measured: Difference, level: float) -> float:
    freedom = freedom_of(seeds, measured.examples)
    return float(power(np.array(effect), level / 2, share, freedom))
