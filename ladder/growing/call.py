"""What the curves of a model call for, of the tricks that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...recipes import Blueprint
from ...reports.diagnosis.finding import Finding
from ...training.effective_blueprint import effective_blueprint
from .growth import Growth
from .trick import Trick, sorted_out

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
    """

    finding: Finding
    tricks: tuple[Trick, ...]
    waiting: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def next_call(
    growth: Growth,
    findings: Sequence[Finding],
    tricks: Sequence[Trick],
    blueprint: Blueprint,
    data: Mapping[str, Any],
) -> Call | None:
    """Returns what is to be raced next on the model that a growth has come to.

    Each finding is asked in turn, the most important first. Of what it calls for, what led this
    model in a heat, and was not the leader, comes first: its run is there. Then comes what was
    raced on the fewest models. What led and was compared with this model, and what was no better
    than it in a heat, is not tried on it again.

    Args:
        growth: what was raced so far.
        findings: what the model's curves show, as `diagnose` gives it.
        tricks: all that there are, in order.
        blueprint: the model's.
        data: summary of the data.

    Returns:
        None where nothing is left that a finding calls for.
    """
    left, as_it_is = _left(growth, tricks), effective_blueprint(blueprint, data)
    for finding in findings:
        wanted = [one for one in left if finding.kind in one.helps_against]
        able, refused = sorted_out(
            wanted, lambda one: effective_blueprint(one.on(blueprint), data) != as_it_is
        )
        if able:
            now, later = able[:MOST_AT_ONCE], able[MOST_AT_ONCE:]
            waiting = tuple(trick.name for trick in later)
            return Call(finding, tuple(now), waiting, tuple(refused.items()))
    return None


def _left(growth: Growth, tricks: Sequence[Trick]) -> list[Trick]:
    """What may be tried on the present model, in the order in which it is."""
    over, here = growth.over_on(growth.pick), growth.raced_on(growth.pick)
    refused = {
        name for race in growth.races if race.against == growth.pick for name in race.refused
    }
    raced = [one.trick.recipes for race in growth.races for one in race.entrants]
    left = [one for one in tricks if one.recipes not in over and one.name not in refused]
    return sorted(left, key=lambda one: (one.recipes not in here, raced.count(one.recipes)))
