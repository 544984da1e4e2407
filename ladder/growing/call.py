"""What the curves of a model call for, of the tricks that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...recipes import Blueprint, RecipeError
from ...reports.diagnosis.finding import Finding
from ...reports.statistics.verdicts import ALIKE, HELPS, HURTS
from .growth import Growth
from .trick import Trick

# So many fit into a race beside all of them together: the deck's five regularisers (L3).
MOST_AT_ONCE = 5


@dataclass(frozen=True)
class Call:
    """What is to be tried next.

    Attributes:
        finding: what calls for it.
        tricks: the first that it calls for, at most `MOST_AT_ONCE`.
        waiting: names of the others.
        refused: by a trick's name, why the model cannot take it.
        beside: whether they helped in an earlier race, beside what was kept.
    """

    finding: Finding
    tricks: tuple[Trick, ...]
    waiting: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    beside: bool = False


def next_call(
    growth: Growth, findings: Sequence[Finding], tricks: Sequence[Trick], blueprint: Blueprint
) -> Call | None:
    """Returns what is to be raced next on the model that a growth has come to.

    What helped beside another trick, and is not in the model, comes first. Then each finding is
    asked in turn, the most important first: what it calls for and this model has not tried, what
    was tried on no other model first. What was decided to hurt, or to make no difference, is
    dropped for good.

    Args:
        growth: what was raced so far.
        findings: what the model's curves show, as `diagnose` gives it.
        tricks: all that there are, in order.
        blueprint: the model's.

    Returns:
        None where nothing is left that a finding calls for.
    """
    new = _not_tried_yet(growth, tricks)
    # What multiplies, as `wider`, is new on the model that it is in; only a finding calls for more.
    held = growth.recipes()
    helped = [
        trick
        for trick in new
        if _verdict(growth, trick) == HELPS and not any(one in held for one in trick.recipes)
    ]
    for wanted, finding in (
        *(((helped, findings[0]),) if findings else ()),
        *(([one for one in new if found.kind in one.helps_against], found) for found in findings),
    ):
        able, refused = _able(wanted, blueprint)
        if able:
            now, later = able[:MOST_AT_ONCE], able[MOST_AT_ONCE:]
            waiting = tuple(trick.name for trick in later)
            return Call(finding, tuple(now), waiting, tuple(refused.items()), wanted is helped)
    return None


def _not_tried_yet(growth: Growth, tricks: Sequence[Trick]) -> list[Trick]:
    """What the present model has not raced and nothing has dropped, the least tried first."""
    here = growth.tried_on(growth.pick)
    refused = {
        name for race in growth.races if race.against == growth.pick for name in race.refused
    }
    raced = [one.trick.recipes for race in growth.races for one in race.entrants]
    left = [
        trick
        for trick in tricks
        if trick.recipes not in here
        and trick.name not in refused
        and _verdict(growth, trick) not in (HURTS, ALIKE)
    ]
    return sorted(left, key=lambda trick: raced.count(trick.recipes))


def _verdict(growth: Growth, trick: Trick) -> str:
    """The last verdict on the trick alone; empty where it was not raced."""
    found = [
        race.outcome.verdicts[one.arm]
        for race in growth.races
        if race.outcome
        for one in race.entrants
        if one.trick.recipes == trick.recipes and one.arm in race.outcome.verdicts
    ]
    return found[-1] if found else ""


def _able(tricks: Sequence[Trick], blueprint: Blueprint) -> tuple[list[Trick], dict[str, str]]:
    """Those that change the model, and why others cannot be in it."""
    able, refused = [], {}
    for trick in tricks:
        try:
            if trick.on(blueprint) != blueprint:
                able.append(trick)
        except RecipeError as error:
            refused[trick.name] = str(error).removeprefix(f"{trick.name}: ")
    return able, refused
