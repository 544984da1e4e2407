"""A learning rate that falls in steps."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import LARGEST, setting
from .slot import Slot


@dataclass(frozen=True)
class LRStep(Recipe):
    """Multiplies the learning rate by a factor after every so many epochs.

    Why:
        Between two steps, the loss settles to what the current rate can reach; the next, smaller
        rate then lowers it at once. There are few numbers to choose, and the curve shows what each
        step did.

    Source:
        eta = eta0 * factor ** floor(epoch / epochs), with the epoch counted from 0. It is L3's
        exponential decay (`lr_decay`) with steps longer than an epoch; L4 names a factor of two and
        an order of magnitude. The length of a step is ours.

    Clashes:
        Another recipe that sets the learning-rate schedule.
    """

    name = "lr_step"
    level = "training"
    helps_against = ("oscillating", "saturated")
    factor: float = setting(
        0.5, "factor per step; 1 is no decay", low=0, high=1, without_low=True, search=(0.1, 0.9)
    )
    epochs: int = setting(
        10,
        "epochs from one step to the next",
        whole=True,
        low=1,
        high=LARGEST,
        search=(2, 20),
        scale="log",
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with an exponential schedule that steps every `epochs` epochs."""
        if self.factor == 1:
            return blueprint.empty("schedule", self.name)
        steps = Config.of(
            "keras.optimizers.schedules:ExponentialDecay",
            decay_steps={"epochs": self.epochs},
            decay_rate=self.factor,
            staircase=True,
        )
        return blueprint.fill("schedule", Slot(self.name, steps))
