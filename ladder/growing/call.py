"""Which of the available tricks the curves of a model call for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...recipes import Blueprint
from ...reports.diagnosis.finding import Finding
from ...training.effective_blueprint import effective_blueprint
from .growth import Growth
from .trick import Trick, sorted_out

# The most single tricks in a race; all of them together may be added to it. The deck has five
# regularisers (L3).
MOST_AT_ONCE = 5


@dataclass(frozen=True)
class Call:
    """What is to be tried next.

    Attributes:
        finding: the finding that calls for it.
        tricks: the first tricks that the finding calls for, at most `MOST_AT_ONCE`.
        waiting: names of the other tricks that it calls for.
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
    """Returns what is to be raced next on the model that a growth has reached.

    The findings are asked in turn, the most important first. Among the tricks that a finding calls
    for, those come first that were better than this model in a heat without being the leader, since
    their runs are there already; then those that were raced in the fewest races. Tricks are not
    tried again on this model if they were compared with it as leaders, or were no better than it in
    a heat.

    Args:
        growth: what was raced so far.
        findings: what the model's curves show, as `diagnose` gives it.
        tricks: all available tricks, in order.
        blueprint: the model's blueprint.
        data: summary of the data.

    Returns:
        The call; None if no finding calls for a trick that is left.
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
    """The tricks that may be tried on the present model, in the order in which to try them."""
    over, here = growth.over_on(growth.pick), growth.raced_on(growth.pick)
    refused = {
        name for race in growth.races if race.against == growth.pick for name in race.refused
    }
    raced = [one.trick.recipes for race in growth.races for one in race.entrants]
    left = [one for one in tricks if one.recipes not in over and one.name not in refused]
    return sorted(left, key=lambda one: (one.recipes not in here, raced.count(one.recipes)))
