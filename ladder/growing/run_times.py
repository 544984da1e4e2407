"""How long runs take, from those that have ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from statistics import fmean

from ...recipes import Blueprint
from ...reports.read.run_set import RunSet

Cost = Callable[[Blueprint], float]


@dataclass(frozen=True)
class RunTimes:
    """Times of runs that have ended.

    Attributes:
        known: by blueprint, the mean seconds of its runs.
        cost: what a run of a blueprint costs, in any one unit.
        pace: seconds of wall time for each second of a run: what the workers wait for is in it.
    """

    known: Mapping[Blueprint, float]
    cost: Cost
    pace: float

    def expected(self, runs: Mapping[Blueprint, int]) -> float:
        """Returns how long so many runs of blueprints take together, in seconds of wall time.

        A model without runs takes as long as the one that is nearest to it in cost, of several the
        slowest, and as much longer as it costs more.
        """
        wanted = {blueprint: number for blueprint, number in runs.items() if number > 0}
        each = {blueprint: self._seconds(blueprint) for blueprint in wanted}
        if not each:
            return 0.0
        together = sum(number * each[blueprint] for blueprint, number in wanted.items())
        return max(self.pace * together, *each.values())

    def _seconds(self, blueprint: Blueprint) -> float:
        if blueprint in self.known:
            return self.known[blueprint]
        cost = self.cost(blueprint)
        # Cost knows multiplications alone: what normalises or augments takes time that it lacks.
        nearest = min(self.known, key=lambda one: (abs(self.cost(one) - cost), -self.known[one]))
        return self.known[nearest] * max(1.0, cost / self.cost(nearest))


def run_times(
    run_set: RunSet,
    blueprints: Mapping[str, Blueprint],
    cost: Cost,
    trained: float,
    workers: int,
    found: Collection[str] = (),
) -> RunTimes:
    """Returns the times of a growth's runs.

    Args:
        run_set: its runs, of which one or more are done.
        blueprints: by an arm's name.
        cost: what a run of a blueprint costs.
        trained: seconds of wall time in which they were trained.
        workers: how many train at a time.
        found: fingerprints of runs that were done before.
    """
    seconds: dict[Blueprint, list[float]] = {}
    for rung in run_set.rungs:
        if rung.name in blueprints:
            own = [float(run.metrics["seconds"]) for run in rung.done]
            seconds.setdefault(blueprints[rung.name], []).extend(own)
    known = {blueprint: fmean(own) for blueprint, own in seconds.items() if own}
    summed = summed_seconds(run_set, found)
    # No less than where no worker waits: of runs of a command that was killed the time is unknown.
    pace = max(trained / summed, 1 / workers) if summed else 1 / workers
    return RunTimes(known, cost, pace)


def summed_seconds(run_set: RunSet, found: Collection[str] = ()) -> float:
    """Returns what the runs took that are done, one after the other, but for those found there."""
    trained = [run for run in run_set.runs if run.fingerprint not in found]
    return sum(float(run.metrics["seconds"]) for run in trained if run.status == "done")
