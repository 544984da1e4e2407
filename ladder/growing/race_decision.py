"""What a race comes to: who led the heat, and what new seeds say of the leader."""

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

    That is the best first, but several together before one alone that did not lead by twice as
    much: of tricks with a seed each the best is also the luckiest, and what several are worth adds
    up, which one comparison decides. Of equals it is the first.
    """
    leads = heat_leads(run_set, race_entry(race))
    weights = {one.arm: TIMES_ALONE if len(one.trick.recipes) > 1 else 1.0 for one in race.entrants}
    ahead = [arm for arm, lead in leads.items() if lead > 0]
    return sorted(ahead, key=lambda arm: -leads[arm] * weights[arm])


def without_leader(race: Race, run_set: RunSet, why: str = NONE_LED) -> Outcome:
    """Returns what a race comes to that has no leader to look at.

    Args:
        race: which one.
        run_set: the runs of the growth.
        why: `NONE_LED`, or `NO_TIME`.
    """
    return Outcome(why if race.entrants else NOTHING, _behind(race, run_set))


def decision(race: Race, run_set: RunSet, *, is_last: bool) -> Outcome | None:
    """Returns what a race comes to after a look at its leader, or None where it wants another.

    It ends where the leader is decided to help; where with new seeds it is no better than the
    model, or so little that the last look would hardly decide it; and with its last look.

    Args:
        race: which one; it has a leader.
        run_set: the runs of the growth.
        is_last: whether that was the last look.
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
    # The leader is over, whatever its heat was; one that is alone may have had none.
    return Outcome(why, tuple(arm for arm in _behind(race, run_set) if arm != race.leader))


def _behind(race: Race, run_set: RunSet) -> tuple[str, ...]:
    """The arms that were no better than the model in the heat, or failed in it."""
    led = leaders(race, run_set)
    return tuple(one.arm for one in race.entrants if one.arm not in led)
