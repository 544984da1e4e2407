"""What new seeds say of the trick that led a heat: whether it helps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..read.run_set import Rung, RunSet
from ..statistics.chosen import chosen_p, may_be_shown
from ..statistics.looks import spending
from ..statistics.two_sources import Difference
from ..statistics.verdicts import HELPS, UNDECIDED, Verdict
from .effects import contrast, margin_of


@dataclass(frozen=True)
class Confirmation:
    """What the new seeds of a leader have said so far.

    Attributes:
        arm: the leader.
        against: the model that it is compared with.
        seeds: how many new seeds; 0 before the first look.
        difference: to the model, over these; None before, or where a run of them failed.
        cross_entropy: the same in the plain validation cross-entropy, turned likewise.
        verdict: `helps`, or `undecided`; its p is one-sided, and allows for what was chosen from.
        has_failed: whether a run of either failed among the new seeds.
        may_help: whether the last look may yet decide that it helps.
    """

    arm: Rung
    against: Rung
    seeds: int
    difference: Difference | None
    cross_entropy: Difference | None
    verdict: Verdict
    has_failed: bool
    may_help: bool = True


def confirmation(run_set: RunSet, race: Mapping[str, Any]) -> Confirmation | None:
    """What the new seeds of a race's leader have said so far; None before there is a leader.

    It helps at the first of the race's looks whose one-sided p is at most the part of the error of
    5 % that the look may spend.
    """
    if not race["leader"]:
        return None
    arm, model = run_set.by_name[race["leader"]], run_set.by_name[race["against"]]
    new = _new_seeds(run_set, race, max(race["looks"], default=0))
    failed = any(run.seed in new for rung in (arm, model) for run in rung.failed)
    unknown = Verdict(UNDECIDED, margin_of(run_set), math.nan, math.nan, math.nan, math.nan)
    found = Confirmation(arm, model, 0, None, None, unknown, failed)
    parts = spending(race["looks"])
    for number, part in zip(race["looks"], parts, strict=True):
        seeds = _new_seeds(run_set, race, number)
        if not all(set(seeds) <= {run.seed for run in rung.done} for rung in (arm, model)):
            break
        shown = contrast(run_set, [arm], [model], seeds=seeds)
        plain = contrast(run_set, [arm], [model], "cross_entropy", seeds)
        p = math.nan if shown is None else chosen_p(shown, race["rivals"])
        kind = HELPS if p <= part else UNDECIDED
        # What reckons with a plain p counts one that is two-sided, of one of so many.
        level = 2 * part / race["rivals"]
        verdict = Verdict(kind, margin_of(run_set), p, math.nan, part, level)
        found = replace(found, seeds=number, difference=shown, cross_entropy=plain, verdict=verdict)
        if kind == HELPS:
            break
    shown = found.difference
    if shown is not None and shown.is_known:
        may_help = may_be_shown(shown, race["rivals"], race["looks"][-1], parts[-1])
        found = replace(found, may_help=may_help)
    return found


def _new_seeds(run_set: RunSet, race: Mapping[str, Any], number: int) -> range:
    """So many seeds after those of the heat."""
    first: int = run_set.details["aim"]["first_seed"] + race["heat"]
    return range(first, first + number)
