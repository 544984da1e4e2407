"""What a race has decided, after the looks that were taken of it."""

from __future__ import annotations

from ...reports.analysis.judgements import Judgement, compared_pairs, judge_pairs, open_pairs
from ...reports.read.run_set import RunSet
from ...reports.statistics.verdicts import HELPS
from .growth import Outcome, Race


def decision(race: Race, raced: RunSet, taken: int, *, in_time: bool = True) -> Outcome | None:
    """Returns what a race comes to, or None where it wants another look.

    It ends with the first look at which a trick is decided to help: the best of those is kept, and
    the others that help may try again on top of it. Else it ends where all is decided, or with its
    last look; what is undecided then is not kept. A race of which no trick can be built is over.

    Args:
        race: which one.
        raced: its arms, with the runs that have ended.
        taken: the number of seeds of the last look.
        in_time: whether there is time for another look.
    """
    if not race.entrants:
        return Outcome(kept=None, verdicts={})
    judged = judge_pairs(raced, compared_pairs(raced))
    best = _best(race, judged)
    wants_more = best is None and taken < race.looks[-1] and bool(open_arms(race, raced))
    if wants_more and in_time:
        return None
    return Outcome(
        kept=best,
        verdicts={one.arm: one.verdict.kind for one in judged},
        failed=tuple(one.arm for one in judged if one.failed),
        out_of_time=wants_more,
    )


def open_arms(race: Race, raced: RunSet) -> list[str]:
    """Returns the undecided, which want more seeds, what is worth most by now first."""
    pairs = compared_pairs(raced)
    worth = {one.arm: one.difference.mean for one in judge_pairs(raced, pairs) if one.difference}
    names = [arm.name for arm, _ in open_pairs(raced, pairs, race.looks)]
    return sorted(names, key=lambda name: -worth.get(name, float("-inf")))


def _best(race: Race, judged: list[Judgement]) -> str | None:
    """The arm of what helps most; of equals that with fewer recipes, then the first."""
    recipes = {one.arm: len(one.trick.recipes) for one in race.entrants}
    helped = [
        (one.difference.mean, -recipes[one.arm], one.arm)
        for one in judged
        if one.verdict.kind == HELPS and one.difference
    ]
    return max(helped, key=lambda one: one[:2])[2] if helped else None
