"""How long the unfinished runs will take, judged by the runs that have ended."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...training.cost import wall_time


@dataclass(frozen=True)
class Work:
    """One run of an arm.

    Attributes:
        seconds: training time so far, which is all of it if the run has ended.
        part: the part of the run that is over, 0..1; 1 for a run that has ended.
    """

    seconds: float
    part: float

    @property
    def whole(self) -> float:
        """Seconds that the run takes or is expected to take; NaN if nothing of it is over."""
        return self.seconds / self.part if self.part > 0 else math.nan


def seconds_left(
    arms: Mapping[str, Sequence[Work]], costs: Mapping[str, float | None], workers: int
) -> float | None:
    """Returns the expected wall time to the end; None if nothing is known yet.

    A run is expected to take the mean of the ended runs of its arm. If none has ended, it is the
    mean that those under way are expected to take; if none has begun, it is worked out from the
    times and costs of the other arms.

    Args:
        arms: the runs of each arm, including those that have not begun.
        costs: the cost of a run of each arm, in any one unit; None if it is not known.
        workers: how many runs are trained at a time.
    """
    whole = {arm: _of_arm(runs) for arm, runs in arms.items()}
    known = {arm: seconds for arm, seconds in whole.items() if not math.isnan(seconds)}
    if not known:
        return None
    left = [
        (1 - run.part) * (known.get(arm) or _by_cost(costs.get(arm), known, costs))
        for arm, runs in arms.items()
        for run in runs
        if run.part < 1
    ]
    return wall_time(left, workers) if left else 0.0


def _of_arm(runs: Sequence[Work]) -> float:
    ended = [run.whole for run in runs if run.part >= 1]
    begun = [run.whole for run in runs if 0 < run.part < 1]
    return float(np.mean(ended or begun or [math.nan]))


def _by_cost(
    cost: float | None, known: Mapping[str, float], costs: Mapping[str, float | None]
) -> float:
    mean = float(np.mean(list(known.values())))
    priced = {arm: one for arm in known if (one := costs.get(arm))}
    if not cost or not priced:
        return mean
    return cost * sum(known[arm] for arm in priced) / sum(priced.values())
