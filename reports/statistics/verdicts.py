"""From differences to verdicts: helps, hurts, no difference larger than a margin, or undecided.

Every difference of a report is asked two questions. Is it 0? And, where a margin was fixed
beforehand: is it as large as that, one way or the other (two one-sided tests, Schuirmann, Journal
of Pharmacokinetics and Biopharmaceutics 15, 1987, 657-680)? The differences of one report are a
family for each of the two questions: Holm's step-down procedure (Scandinavian Journal of Statistics
6, 1979, 65-70) keeps the chance of any false answer to it at 5 %, whatever their dependence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .two_sources import Difference

HELPS = "helps"
HURTS = "hurts"
ALIKE = "no difference"
UNDECIDED = "undecided"
ERROR = 0.05


class Family(NamedTuple):
    """How many hypotheses of each question still stand, those not asked this time included."""

    difference: int
    equivalence: int


@dataclass(frozen=True)
class Verdict:
    """What a difference, in which positive means better, comes to."""

    kind: str
    """`helps`, `hurts`, `no difference` or `undecided`."""
    margin: float | None
    """What a difference must be larger than to matter, in the scores' unit."""
    p: float
    """Holm's adjusted p of there being no difference; NaN where none could be tested."""
    equivalence_p: float
    """Holm's adjusted p of the difference being at least the margin; NaN without a margin."""
    error: float
    """What the adjusted ps were held against."""
    level: float
    """The p, not adjusted, that would have decided the first of those that stay undecided."""

    @property
    def text(self) -> str:
        """The verdict in words, `no difference larger than 0.01`."""
        return f"{ALIKE} larger than {self.margin:g}" if self.kind == ALIKE else self.kind

    @property
    def is_decided(self) -> bool:
        """Whether it is any but undecided."""
        return self.kind != UNDECIDED


def judge(
    differences: Sequence[Difference | None],
    margin: float | None = None,
    error: float = ERROR,
    family: Family | None = None,
) -> list[Verdict]:
    """A verdict for each difference, over all of them as one family.

    Args:
        differences: Turned so that positive means better. One that is None or not known stays
            undecided and counts in the family all the same, as it was to be compared.
        margin: What a difference must be larger than to matter, above 0, in the scores' unit,
            fixed before the runs were seen. None: whether a difference is small is not asked.
        error: The chance of any false answer to each of the two questions, in 0..1.
        family: How many hypotheses stand, where some were decided before. None: these alone.
    """
    family = family or Family(len(differences), len(differences))
    adjusted = holm([_p(one) for one in differences], family.difference)
    alike = holm([_equivalence_p(one, margin) for one in differences], family.equivalence)
    rejected = int((adjusted <= error).sum())
    level = error / max(family.difference - rejected, 1)
    return [
        Verdict(_kind(one, p, q, error), margin, p, q, error, level)
        for one, p, q in zip(differences, adjusted.tolist(), alike.tolist(), strict=True)
    ]


def holm(ps: Sequence[float], count: int | None = None) -> np.ndarray:
    """Holm's adjusted ps: a hypothesis is rejected where its own is at most the error allowed.

    Args:
        ps: One per hypothesis; NaN where it could not be tested: its adjusted p is NaN, and it
            counts like one of p = 1.
        count: How many hypotheses stand, these included. None: these alone.
    """
    values = np.array(ps, dtype=float)
    count = len(values) if count is None else count
    adjusted, largest = np.full(len(values), math.nan), 0.0
    for place, index in enumerate(np.argsort(values, kind="stable")):  # NaN comes last
        if math.isnan(values[index]):
            break
        largest = max(largest, min(float(values[index]) * (count - place), 1.0))
        adjusted[index] = largest
    return adjusted


def _p(one: Difference | None) -> float:
    return math.nan if one is None else one.p


def _equivalence_p(one: Difference | None, margin: float | None) -> float:
    if one is None or not one.is_known or margin is None:
        return math.nan
    return max(one.p_at_most(-margin), one.p_at_least(margin))


def _kind(one: Difference | None, p: float, equivalence_p: float, error: float) -> str:
    if one is None or not one.is_known:
        return UNDECIDED
    if p <= error:
        return HELPS if one.mean > 0 else HURTS
    return ALIKE if equivalence_p <= error else UNDECIDED
