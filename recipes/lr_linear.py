"""A learning rate that falls along a line."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import LARGEST, setting
from .slot import Slot


@dataclass(frozen=True)
class LRLinear(Recipe):
    """Lowers the learning rate along a line, to the end of the training or to an epoch.

    Why:
        The weights change a lot at the beginning and a little at the end, for fine-tuning. Unlike
        an exponential decay, it spends most of the training at rates about as large as the first
        one.

    Source:
        L4: the rate falls linearly from a large initial value to a small one, close to zero; or it
        does so over a fixed number of epochs and then stays at the small value. At step t of T it
        is eta0 * (1 - (1 - end_share) * min(t / T, 1)), and changes at every step. The small value
        is ours.

    Clashes:
        Another recipe that sets the learning-rate schedule.
    """

    name = "lr_linear"
    level = "training"
    helps_against = ("oscillating", "saturated")
    end_share: float = setting(
        0.01,
        "share of the learning rate that is left at the end; 1 is no decay",
        low=0,
        high=1,
        search=(0.001, 0.5),
        scale="log",
    )
    constant_from: int | None = setting(
        None,
        "epochs after which the rate stays constant; None: it falls until the training ends",
        whole=True,
        low=1,
        high=LARGEST,
        optional=True,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with a polynomial schedule of power 1."""
        if self.end_share == 1:
            return blueprint.empty("schedule", self.name)
        length = (
            {"of_training": 1} if self.constant_from is None else {"epochs": self.constant_from}
        )
        line = Config.of(
            "keras.optimizers.schedules:PolynomialDecay",
            decay_steps=length,
            end_learning_rate={"of_rate": self.end_share},
        )
        return blueprint.fill("schedule", Slot(self.name, line))
