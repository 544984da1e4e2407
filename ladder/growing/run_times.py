"""How long runs take, judged by those that have ended."""

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
        cost: returns the cost of a run of a blueprint, in any one unit.
        pace: seconds of wall time for each second of a run; includes the time that workers wait.
    """

    known: Mapping[Blueprint, float]
    cost: Cost
    pace: float

    def expected(self, runs: Mapping[Blueprint, int]) -> float:
        """Returns how long these numbers of runs take together, in seconds of wall time.

        A model without runs is expected to take as long as the model nearest to it in cost (the
        slowest, if several are equally near), and proportionally longer if it costs more.
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
        # The cost counts multiplications only: normalising and augmenting take time besides.
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
        run_set: its runs, one or more of which are done.
        blueprints: the blueprints by the names of the arms.
        cost: returns the cost of a run of a blueprint.
        trained: seconds of wall time in which the runs were trained.
        workers: how many runs train at a time.
        found: fingerprints of runs that were done before the growth began.
    """
    seconds: dict[Blueprint, list[float]] = {}
    for rung in run_set.rungs:
        if rung.name in blueprints:
            own = [float(run.metrics["seconds"]) for run in rung.done]
            seconds.setdefault(blueprints[rung.name], []).extend(own)
    known = {blueprint: fmean(own) for blueprint, own in seconds.items() if own}
    summed = summed_seconds(run_set, found)
    # At least as long as if no worker ever waited: `trained` lacks the time of killed commands.
    pace = max(trained / summed, 1 / workers) if summed else 1 / workers
    return RunTimes(known, cost, pace)


def summed_seconds(run_set: RunSet, found: Collection[str] = ()) -> float:
    """Returns the summed seconds of all runs that are done, without those that were found there."""
    trained = [run for run in run_set.runs if run.fingerprint not in found]
    return sum(float(run.metrics["seconds"]) for run in trained if run.status == "done")
