"""A learning rate that warms up and falls along a cosine."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class LRCosine(Recipe):
    """Warms the learning rate up along a line, then lowers it along half a cosine.

    Why:
        The gradients of untrained weights and the optimiser's first averages are misleading, so the
        warm-up keeps the first steps small. The cosine stays high for long and ends gently.

    Source:
        Loshchilov and Hutter 2017, SGDR (arXiv 1608.03983), without restarts; warm-up: Goyal et al.
        2017 (arXiv 1706.02677). Not in the decks; it is a smooth relative of L4's schedules. In the
        warm-up, which takes w of the T steps, the rate is eta0 * t / w, with t from 0. So the first
        step moves nothing; where a batch holds all samples, that is the whole first epoch. Then the
        rate is eta0 * (end_share + (1 - end_share) * (1 + cos(pi * (t - w) / (T - w))) / 2). It
        changes at every step. Both shares are ours.

    Clashes:
        Another recipe that sets the learning-rate schedule.
    """

    name = "lr_cosine"
    level = "training"
    helps_against = ("oscillating", "saturated")
    warmup: float = setting(
        0.1,
        "share of the training that the warm-up takes; 0 is no warm-up",
        low=0,
        high=1,
        without_high=True,
        search=(0.02, 0.3),
    )
    end_share: float = setting(0.0, "share of the rate that is left at the end", low=0, high=1)

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with a schedule over the whole training."""
        if self.warmup == 0 and self.end_share == 1:
            return blueprint.empty("schedule", self.name)
        warming = {
            "initial_learning_rate": 0.0,
            "warmup_steps": {"of_training": self.warmup},
            "warmup_target": {"of_rate": 1},
        }
        cosine = Config.of(
            "keras.optimizers.schedules:CosineDecay",
            decay_steps={"of_training": 1 - self.warmup},
            alpha=self.end_share,
            **(warming if self.warmup else {}),
        )
        return blueprint.fill("schedule", Slot(self.name, cosine))
