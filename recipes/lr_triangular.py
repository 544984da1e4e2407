"""A learning rate that rises along one line and falls along another."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .errors import RecipeError
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class LRTriangular(Recipe):
    """Lets the learning rate rise along a line to its full height, then fall along another.

    Why:
        A high rate from the first step on can throw the weights about before the normalisations
        have settled; a rate that is still high at the last step leaves them wandering. Two lines
        avoid both, and make use of every step in between.

    Source:
        Jordan 2024, 94 % on CIFAR-10 in 3.29 seconds on a single GPU (arXiv 2404.00498): from 0.2
        of the rate up to all of it at 23 % of the training, down to 0.07 of it at the end; the rate
        changes at every step. Not in the decks, but L4's linear schedule is its second half. It is
        `lr_one_cycle` with straight lines and other rates at start and end.

    Clashes:
        Another recipe that sets the learning-rate schedule.
    """

    name = "lr_triangular"
    level = "training"
    helps_against = ("oscillating", "improving")
    start_share: float = setting(
        0.2,
        "share of the learning rate at the start",
        low=0,
        high=1,
        without_low=True,
        # The range of end_share ends where this one begins, so that any two values go together.
        search=(0.1, 1.0),
        scale="log",
    )
    peak_at: float = setting(
        0.23,
        "share of the training after which the rate has its full height",
        low=0,
        high=1,
        without_low=True,
        without_high=True,
        search=(0.05, 0.5),
    )
    end_share: float = setting(
        0.07,
        "share of the learning rate at the last step, at most start_share",
        low=0,
        high=1,
        without_low=True,
        search=(0.001, 0.1),
        scale="log",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.end_share > self.start_share:
            raise RecipeError(
                f"lr_triangular: end_share must be at most start_share, {self.start_share!r}. "
                f"Received: end_share={self.end_share!r}"
            )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the two lines over the whole training."""
        lines = Config.of(
            "trickbook.callbacks:OneCycleSchedule",
            max_rate={"of_rate": 1.0},
            total_steps={"of_training": 1},
            warmup=self.peak_at,
            shape="linear",
            start_divisor=1 / self.start_share,
            end_divisor=self.start_share / self.end_share,
        )
        return blueprint.fill("schedule", Slot(self.name, lines))
