"""Which arms of a race gain seeds with its next look, as far as the time goes."""

from __future__ import annotations

from ...reports.read.run_set import RunSet
from .growth import Growth, Race
from .race_decision import open_arms
from .time_budget import TimeBudget, entered


def next_look(
    growth: Growth, race: Race, raced: RunSet, taken: int, budget: TimeBudget
) -> Growth | None:
    """Returns the growth with the seeds of the next look, or None where there is time for none.

    Where there is not time for all that is undecided, there may be for what leads: what lies behind
    keeps the seeds that it has, and stays undecided.

    Args:
        growth: the record, the race under way.
        race: which one, not decided by the looks that were taken.
        raced: its arms, with the runs that have ended.
        taken: the number of seeds of the last look, of which the race has a larger one.
        budget: the time.
    """
    seeds = next(look for look in race.looks if look > taken)
    arms = open_arms(race, raced)
    for number in range(len(arms), 0, -1):
        grown = entered(growth, race, seeds, (race.against, *arms[:number]))
        if budget.fits(growth, grown):
            return grown
    return None
