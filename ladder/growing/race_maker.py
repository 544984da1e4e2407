"""Making a race of what the curves call for, as large as the time allows."""

from __future__ import annotations

from dataclasses import replace

from ...recipes import Blueprint, RecipeError
from ...reports.diagnosis.finding import Finding
from ...training.errors import LadderError
from .call import Call
from .growth import Entrant, Growth, Race
from .time_budget import TimeBudget
from .trick import Trick, together
from .workbench import Workbench

# The first look of a race may take so much of the time that is left, so that others follow.
SHARE_OF_A_RACE = 0.5


def make_race(call: Call, growth: Growth, bench: Workbench, budget: TimeBudget) -> Race | None:
    """Returns the race with as many of the tricks as there is time for, and its looks.

    All of them together come first: where there is time for one alone, it is that. What is too
    costly is left out. The looks are fixed here, as many as there would be time for whatever is
    decided: how many seeds the last has must not depend on what they show.

    Args:
        call: what is to be tried.
        growth: what was raced so far.
        bench: where models are built.
        budget: what there is time for.

    Returns:
        None where not one trick can have its first look.
    """
    blueprint = bench.aim.blueprints(growth)[growth.pick]
    tricks, refused = _buildable(call.tricks, blueprint, bench)
    tried = growth.tried_on(growth.pick)
    all_of_them = _all_of(tricks, blueprint, bench)
    entrants = [*(one for one in all_of_them if one.recipes not in tried), *tricks]
    refused |= dict(call.refused)
    chosen: list[Trick] = []
    looks: tuple[int, ...] = ()
    for trick in entrants:
        race = _race(call, growth, [*chosen, trick], refused)
        if in_time := _looks_in_time(race, growth, bench, budget):
            chosen.append(trick)
            # Asked once: a moment later there might be time for none.
            looks = in_time
    if tricks and not chosen:
        return None
    # A race without tricks tells that none of them can be built, and the next call goes on.
    return replace(_race(call, growth, chosen, refused), looks=looks)


def _looks_in_time(
    race: Race, growth: Growth, bench: Workbench, budget: TimeBudget
) -> tuple[int, ...]:
    """The looks that there is time for; empty where the first would take too much of it."""
    first, *_ = looks = bench.aim.looks
    most = 1.0 if len(race.entrants) == 1 else SHARE_OF_A_RACE
    if budget.part_of_left(growth, race, first) > most:
        return ()
    return tuple(look for look in looks if budget.part_of_left(growth, race, look) <= 1.0)


def _race(call: Call, growth: Growth, entrants: list[Trick], refused: dict[str, str]) -> Race:
    number = len(growth.races) + 1
    entered = {trick.name for trick in entrants}
    waiting = [trick.name for trick in call.tricks if trick.name not in {*entered, *refused}]
    return Race(
        against=growth.pick,
        finding=_entry(call.finding),
        beside=call.beside,
        entrants=tuple(Entrant(f"{number}-{one.name}", one) for one in entrants),
        refused=refused,
        left_out=(*waiting, *call.waiting),
        looks=(),
    )


def _buildable(
    tricks: tuple[Trick, ...], blueprint: Blueprint, bench: Workbench
) -> tuple[list[Trick], dict[str, str]]:
    """Those with which the model can be built, and why it cannot with others."""
    able, refused = [], {}
    for trick in tricks:
        try:
            bench.builds(trick.on(blueprint), trick.name)
            able.append(trick)
        except (LadderError, RecipeError) as error:
            refused[trick.name] = str(error).removeprefix(f"{trick.name}: ")
    return able, refused


def _all_of(tricks: list[Trick], blueprint: Blueprint, bench: Workbench) -> list[Trick]:
    """All that go together, as one, where they are several; of one recipe the first."""
    kept: list[Trick] = []
    for trick in tricks:
        if any(trick.recipes[0].name == one.recipes[0].name for one in kept):
            continue
        try:
            together([*kept, trick]).on(blueprint)
        except RecipeError:
            continue
        kept.append(trick)
    if len(kept) < 2:
        return []
    able, _ = _buildable((together(kept),), blueprint, bench)
    return able


def _entry(finding: Finding) -> dict[str, str]:
    return {"kind": finding.kind, "sentence": finding.sentence, "advice": finding.advice}
