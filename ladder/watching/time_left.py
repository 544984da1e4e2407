"""How long the runs that have not ended will take, from those that have."""

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
        seconds: training time so far; of a run that has ended, all of it.
        part: which part of it is over, 0..1; 1 for one that has ended.
    """

    seconds: float
    part: float

    @property
    def whole(self) -> float:
        """What the run takes, or seems to take; NaN where nothing is over."""
        return self.seconds / self.part if self.part > 0 else math.nan


def seconds_left(
    arms: Mapping[str, Sequence[Work]], costs: Mapping[str, float | None], workers: int
) -> float | None:
    """Returns the expected wall time to the end, None where nothing tells.

    A run takes what the ended ones of its arm took, else what one under way seems to take, else as
    much more than the other arms' as its cost is larger.

    Args:
        arms: the runs of each arm, those not begun among them.
        costs: of a run of each arm, in any one unit; None where it is not known.
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
