"""Adding seeds until differences are decided, without erring more often for looking more often.

A study is looked at when every arm has one of a few fixed numbers of seeds. Each look spends a part
of the error allowed (Lan and DeMets, Biometrika 70, 1983, 659-663), by the power family of Kim and
DeMets (Biometrika 74, 1987, 149-154): with the share t of the most seeds, t^3 of it has been spent,
which leaves the last look nearly all of the power that a single one would have. A look tests,
step-down by Holm, at the part that is its own; the parts add up to the whole, so that the chance of
any false answer stays below it whatever the looks' dependence (Bonferroni; Ye, Li, Liu and Yao,
Statistics in Medicine 32, 2013, 1112-1124, on Holm's procedure in looks).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from .two_sources import Difference
from .verdicts import ALIKE, ERROR, HELPS, HURTS, Family, Verdict, judge

# A step to the next is about one and a half times as many.
NUMBERS_OF_SEEDS = (3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500)


class Decision(NamedTuple):
    """A verdict and the difference that it was read from."""

    verdict: Verdict
    difference: Difference | None


def looks(most_seeds: int) -> tuple[int, ...]:
    """The numbers of seeds at which a study of up to `most_seeds` is looked at; the last is that.

    Raises:
        ValueError: `most_seeds` is below 2, of which no interval comes.
    """
    if most_seeds < 2:
        raise ValueError(
            f"One seed gives no interval: allow 2 or more. Received: most_seeds={most_seeds}"
        )
    return (*(number for number in NUMBERS_OF_SEEDS if number < most_seeds), most_seeds)


def spending(numbers: Sequence[int], error: float = ERROR) -> tuple[float, ...]:
    """The error that each look may spend; together `error`.

    Args:
        numbers: The seeds at each look, rising, as `looks` gives them.
        error: The chance of any false answer over all looks, in 0..1.
    """
    spent = [0.0, *(error * (number / numbers[-1]) ** 3 for number in numbers)]
    return tuple(after - before for before, after in pairwise(spent))


def judge_in_looks(
    by_look: Sequence[Sequence[Difference | None]],
    numbers: Sequence[int],
    margin: float | None = None,
) -> list[Decision]:
    """A verdict for each comparison after the looks that were taken; one once reached stands.

    The chance of any false answer to each question is `ERROR` over all looks.

    Args:
        by_look: For each look that was taken, in order, a difference for each comparison, over the
            first so many seeds; see `trickbook.reports.statistics.verdicts.judge`.
        numbers: The seeds at every look of the study, also at those not taken yet.
        margin: As for `judge`.

    Raises:
        ValueError: There is no look, or more were taken than there are numbers.
    """
    if not 0 < len(by_look) <= len(numbers):
        raise ValueError(
            "Looks are taken at fixed numbers of seeds, one or more. Received: "
            f"len(by_look)={len(by_look)}, numbers={tuple(numbers)}"
        )
    decided: dict[int, Decision] = {}
    everything = range(len(by_look[0]))
    for differences, part in zip(by_look, spending(numbers), strict=False):
        still_open = [index for index in everything if not _is_decided(decided.get(index))]
        asked = [differences[index] for index in still_open]
        verdicts = judge(asked, margin, part, _standing(decided, len(everything)))
        found = zip(verdicts, asked, strict=True)
        decided |= dict(zip(still_open, (Decision(*one) for one in found), strict=True))
    return [decided[index] for index in everything]


def _is_decided(decision: Decision | None) -> bool:
    return decision is not None and decision.verdict.is_decided


def _standing(decided: dict[int, Decision], count: int) -> Family:
    # A hypothesis leaves its family when it is rejected, not when the other question is answered.
    kinds = [decision.verdict.kind for decision in decided.values()]
    return Family(count - kinds.count(HELPS) - kinds.count(HURTS), count - kinds.count(ALIKE))
