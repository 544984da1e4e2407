"""Deciding a race: which arm led the heat, and what new seeds say about the leader."""

from __future__ import annotations

from ...reports.analysis.confirmations import confirmation
from ...reports.analysis.races import (
    BEHIND,
    FAILED,
    KEPT,
    NONE_LED,
    NOTHING,
    TIMES_ALONE,
    TOO_LITTLE,
    UNDECIDED,
    heat_leads,
)
from ...reports.read.run_set import RunSet
from .growth import Outcome, Race, race_entry


def leaders(race: Race, run_set: RunSet) -> list[str]:
    """Returns the arms that were better than the model in the heat, in the order to look at them.

    The best arm comes first, except that several tricks together come before a single trick that
    did not lead by twice as much: among tricks with one seed each the best is also the luckiest,
    while the effects of several tricks add up and take one comparison to decide. Equal arms keep
    their order.
    """
    leads = heat_leads(run_set, race_entry(race))
    weights = {one.arm: TIMES_ALONE if len(one.trick.recipes) > 1 else 1.0 for one in race.entrants}
    ahead = [arm for arm, lead in leads.items() if lead > 0]
    return sorted(ahead, key=lambda arm: -leads[arm] * weights[arm])


def without_leader(race: Race, run_set: RunSet, why: str = NONE_LED) -> Outcome:
    """Returns the outcome of a race that has no leader to look at.

    Args:
        race: the race.
        run_set: the runs of the growth.
        why: `NONE_LED` or `NO_TIME`; a race without entrants ends with `NOTHING` in any case.
    """
    return Outcome(why if race.entrants else NOTHING, _behind(race, run_set))


def decision(race: Race, run_set: RunSet, *, is_last: bool) -> Outcome | None:
    """Returns the outcome of a race after a look at its leader, or None if it needs another look.

    The race ends if the leader is decided to help, if a run failed, if with new seeds the leader is
    no better than the model or better by so little that the last look would hardly decide it, and
    after the last look.

    Args:
        race: the race, which has a leader.
        run_set: the runs of the growth.
        is_last: whether this was the last look.
    """
    found = confirmation(run_set, race_entry(race))
    assert found is not None
    if found.verdict.is_decided:
        why = KEPT
    elif found.has_failed:
        why = FAILED
    elif found.difference is None or found.difference.mean <= 0:
        why = BEHIND
    elif is_last:
        why = UNDECIDED
    elif not found.may_help:
        why = TOO_LITTLE
    else:
        return None
    # The leader is not tried again in any case; if it was alone, it may have had no heat.
    return Outcome(why, tuple(arm for arm in _behind(race, run_set) if arm != race.leader))


def _behind(race: Race, run_set: RunSet) -> tuple[str, ...]:
    """Returns the arms that were no better than the model in the heat, or failed in it."""
    led = leaders(race, run_set)
    return tuple(one.arm for one in race.entrants if one.arm not in led)
