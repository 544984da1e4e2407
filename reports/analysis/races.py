"""The races of a growth: which tricks led the model in the heat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...runs.errors import ReportError
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate

# The last runs of a growth, of seeds that no race had.
LAST = ("test-baseline", "test-grown")
# Several together go before one alone that led by at most this many times as much.
TIMES_ALONE = 2.0
# How a race ends: its leader is kept; new seeds leave it undecided, find it better by so little
# that more would hardly decide it, or no better than the model; no trick led the model; the leader
# could not be looked at in time; a run of it failed; or none of the tricks could be built.
KEPT, UNDECIDED, TOO_LITTLE, BEHIND = "kept", "undecided", "too little", "behind"
NONE_LED, NO_TIME, FAILED, NOTHING = "none led", "no time", "failed", "nothing to race"


def last_set(run_set: RunSet) -> RunSet:
    """The baseline and the grown model with new seeds, which alone read the test set."""
    return replace(run_set, rungs=tuple(rung for rung in run_set.rungs if rung.name in LAST))


def races(run_set: RunSet) -> list[dict[str, Any]]:
    """The races as the record has them.

    Raises:
        ReportError: The record is one of before races had heats.
    """
    found: list[dict[str, Any]] = run_set.details["races"]
    if any("heat" not in race for race in found):
        raise ReportError(
            "It was grown by an earlier version, which decided differently, and can no longer be "
            "reported on: its pages stay as they are. The next growth uses its runs."
        )
    return found


def kept_arm(race: Mapping[str, Any]) -> str | None:
    """The arm that the growth goes on with after a race, or None."""
    outcome = race["outcome"]
    return race["leader"] if outcome and outcome["why"] == KEPT else None


def heat_leads(run_set: RunSet, race: Mapping[str, Any]) -> dict[str, float]:
    """How far each trick of a race was above the model in the heat; above zero is better.

    The model's figure is the mean over all seeds that it had then: that it was kept for its figures
    of the heat's own would make it hard to beat there. One seed of a trick proves nothing, and
    chooses who is to prove something. Records of before this was noted have the mean over all seeds
    that it has by now.

    Returns:
        By the arm's name the lead, in the deciding metric's unit; NaN where no run of it is done.
    """
    arms, sign = run_set.by_name, run_set.deciding.sign
    model = arms[race["against"]]
    known, seeds = race.get("model_seeds"), heat_seeds(run_set, race)
    first: Iterable[int] = (
        model.by_seed("val") if known is None else range(seeds.start, seeds.start + known)
    )
    base = _mean(model, first)
    return {one["arm"]: sign * (_mean(arms[one["arm"]], seeds) - base) for one in race["entrants"]}


def heat_seeds(run_set: RunSet, race: Mapping[str, Any]) -> range:
    """The seeds that chose the leader of a race."""
    first: int = run_set.details["aim"]["first_seed"]
    return range(first, first + race["heat"])


def heat_has_ended(run_set: RunSet, race: Mapping[str, Any], arm: str) -> bool:
    """Whether every run of a trick in the heat is done or failed."""
    rung = run_set.by_name[arm]
    return set(heat_seeds(run_set, race)) <= {run.seed for run in (*rung.done, *rung.failed)}


def _mean(rung: Rung, seeds: Iterable[int]) -> float:
    values = rung.by_seed("val")
    return estimate([values[seed] for seed in seeds if seed in values]).mean
