"""The curves of a sample-size study: errors over the number of training examples, and their law."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..read.run_set import Rung, RunSet
from ..statistics.intervals import Estimate, estimate
from ..statistics.power_law import PowerLaw, fit_power_law


@dataclass(frozen=True)
class SizeCurve:
    """One rung's errors at each size: 1 less a share, or the metric itself where less is better."""

    rung: str
    sizes: list[int]
    """In ascending order; those of which a run is done."""
    arms: list[Rung]
    is_share: bool

    @cached_property
    def whole(self) -> SizeCurve:
        """The sizes of which no run failed: the mean of those that survive is not the size's."""
        kept = [pair for pair in zip(self.sizes, self.arms, strict=True) if not pair[1].failed]
        if len(kept) == len(self.sizes):
            return self
        return replace(self, sizes=[size for size, _ in kept], arms=[arm for _, arm in kept])

    @cached_property
    def train(self) -> list[Estimate]:
        """The clean training errors, over seeds."""
        return [self._error(arm, "train") for arm in self.arms]

    @cached_property
    def val(self) -> list[Estimate]:
        """The validation errors, over seeds."""
        return [self._error(arm, "val") for arm in self.arms]

    @cached_property
    def gaps(self) -> list[Estimate]:
        """By how much the validation error is above the training error, run by run."""
        sign = -1 if self.is_share else 1
        pairs = [zip(arm.values("val"), arm.values("train"), strict=True) for arm in self.arms]
        return [estimate(sign * (val - train) for val, train in pair) for pair in pairs]

    @cached_property
    def law(self) -> PowerLaw | None:
        """The power law of the whole sizes' validation error; None where they are too few."""
        return fit_power_law(self.whole.sizes, self.whole.val)

    @cached_property
    def check(self) -> tuple[float, float] | None:
        """The error at the largest whole size by a law of those below, and the one measured."""
        sizes, val = self.whole.sizes, self.whole.val
        law = fit_power_law(sizes[:-1], val[:-1], draws=0)
        return None if law is None else (law.error(sizes[-1]), val[-1].mean)

    def shown(self, error: Any) -> Any:
        """An error, or an array of them, as the metric that it is of."""
        return 1 - error if self.is_share else error

    def _error(self, arm: Rung, split: str) -> Estimate:
        values = arm.values(split)
        return estimate(1 - value for value in values) if self.is_share else estimate(values)


def size_curves(run_set: RunSet) -> list[SizeCurve]:
    """The curves of a sample-size study, a rung each."""
    by_rung: dict[str, dict[int, Rung]] = {}
    for point in run_set.details["points"]:
        held, arm = by_rung.setdefault(point["rung"], {}), run_set.by_index[point["arm"]]
        if math.isfinite(estimate(arm.values("val")).mean):
            held[point["size"]] = arm
    is_share = run_set.deciding.sign > 0
    return [
        SizeCurve(rung, sorted(held), [held[size] for size in sorted(held)], is_share)
        for rung, held in by_rung.items()
    ]
