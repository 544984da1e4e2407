"""A learning rate that falls as one over the epochs."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class LRInverseTime(Recipe):
    """Divides the learning rate by 1 + decay * epoch.

    Why:
        Large steps find the region, small ones settle in it. The rate falls fast at first and then
        ever more slowly, so that even a long training is never left with steps of almost nothing.

    Source:
        L2, learning rate decay: eta = eta0 / (1 + decay * epoch), with the epoch counted from 0, so
        that all steps of an epoch have the same rate. The slide adds all three, 1 + decay + epoch,
        which is a slip: the rate of the first epoch would not be eta0. The decay is ours: a third
        of the rate is left after 20 epochs.

    Clashes:
        Another recipe that sets the learning-rate schedule.
    """

    name = "lr_inverse_time"
    level = "training"
    helps_against = ("oscillating", "saturated")
    decay: float = setting(
        0.1, "decay rate, per epoch; 0 is no decay", low=0, search=(0.01, 1.0), scale="log"
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with a schedule that steps once per epoch."""
        if self.decay == 0:
            return blueprint.empty("schedule", self.name)
        decay = Config.of(
            "keras.optimizers.schedules:InverseTimeDecay",
            decay_steps=1,
            decay_rate=self.decay,
            staircase=True,
        )
        return blueprint.fill("schedule", Slot(self.name, decay))
