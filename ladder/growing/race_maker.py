"""Making a race from the tricks that the curves call for, as large as the time allows."""

from __future__ import annotations

from dataclasses import replace

from ...recipes import Blueprint, RecipeError
from ...reports.diagnosis.finding import Finding
from .aim import HEAT_SEEDS
from .call import Call
from .growth import Entrant, Growth, Race
from .time_budget import TimeBudget, with_heat, with_look
from .trick import TOGETHER, Trick, sorted_out, together
from .workbench import Workbench

# The part of the time left that a race may take up to its first look, so that others can follow.
SHARE_OF_A_RACE = 0.5


def make_race(call: Call, growth: Growth, bench: Workbench, budget: TimeBudget) -> Race | None:
    """Returns a race with as many of the tricks as there is time for.

    Several tricks together come first: those that may be tried again together after an earlier
    heat, otherwise all that are called for. If there is time for one entrant only, it is raced
    alone, and needs no heat to become the leader. Tricks that take too long are left out.

    Returns:
        The race; None if there is no time for the first look at any trick.
    """
    blueprint = bench.aim.blueprints(growth)[growth.pick]
    tricks, refused = _buildable(call.tricks, blueprint, bench)
    entrants = [*_several(tricks, growth, blueprint, bench), *tricks]
    refused |= dict(call.refused)
    chosen = _race(call, growth, [], refused)
    for trick in entrants:
        race = _race(call, growth, [*(one.trick for one in chosen.entrants), trick], refused)
        # Asked only once per race: a moment later there might be too little time.
        if in_time := _in_time(race, growth, bench, budget):
            chosen = in_time
    if tricks and not chosen.entrants:
        return None
    # A race without entrants records that no trick can be built; the next call tries others.
    return chosen


def looks_in_time(
    race: Race, growth: Growth, looks: tuple[int, ...], budget: TimeBudget
) -> tuple[int, ...]:
    """Returns the looks that there is time for, whatever they show.

    Args:
        race: the race, which has a leader.
        growth: what was raced so far.
        looks: the numbers of new seeds at which the leader may be looked at.
        budget: what there is time for.
    """
    return tuple(look for look in looks if budget.fits(growth, with_look(growth, race, look)))


def _in_time(race: Race, growth: Growth, bench: Workbench, budget: TimeBudget) -> Race | None:
    """The race, with its looks if there is one entrant; None if it would take too long."""
    looks = bench.aim.looks
    if len(race.entrants) == 1:
        (only,) = race.entrants
        # The seeds of an earlier heat have chosen this trick, so they must not judge it.
        heat = race.heat if only.trick.recipes in growth.raced_on(race.against) else 0
        alone = replace(race, heat=heat, leader=only.arm)
        there = looks_in_time(alone, growth, looks, budget)
        return replace(alone, looks=there) if there else None
    blueprints = bench.aim.blueprints(growth.with_race(race))
    costliest = max(race.entrants, key=lambda one: bench.cost(blueprints[one.arm]))
    led = replace(race, leader=costliest.arm)
    grown = with_look(with_heat(growth, race), led, looks[0])
    return race if budget.part_of_left(growth, grown) <= SHARE_OF_A_RACE else None


def _race(call: Call, growth: Growth, entrants: list[Trick], refused: dict[str, str]) -> Race:
    number = len(growth.races) + 1
    entered = {trick.name for trick in entrants}
    waiting = [trick.name for trick in call.tricks if trick.name not in {*entered, *refused}]
    before = growth.raced_on(growth.pick)
    return Race(
        against=growth.pick,
        finding=_entry(call.finding),
        entrants=tuple(Entrant(f"{number}-{one.name}", one) for one in entrants),
        heat=HEAT_SEEDS,
        refused=refused,
        left_out=(*waiting, *call.waiting),
        rivals=len(before) + sum(one.recipes not in before for one in entrants),
        model_seeds=growth.seeds[growth.pick],
    )


def _buildable(
    tricks: tuple[Trick, ...], blueprint: Blueprint, bench: Workbench
) -> tuple[list[Trick], dict[str, str]]:
    """The tricks with which the model can be built, and why it cannot with the others."""

    def can_be_built(trick: Trick) -> bool:
        bench.builds(trick.on(blueprint), trick.name)
        return True

    return sorted_out(tricks, can_be_built)


def _several(
    tricks: list[Trick], growth: Growth, blueprint: Blueprint, bench: Workbench
) -> list[Trick]:
    """Several tricks as one: those to be tried again together, or all that fit; or nothing."""
    over, here = growth.over_on(growth.pick), growth.raced_on(growth.pick)
    again = [one for one in here if len(one) > 1 and one not in over]
    if again:
        return [Trick(TOGETHER, again[0])]
    return [one for one in _all_of(tricks, blueprint, bench) if one.recipes not in over]


def _all_of(tricks: list[Trick], blueprint: Blueprint, bench: Workbench) -> list[Trick]:
    """All tricks that fit together, as one, if several do; of each recipe only the first."""
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
