"""A learning rate that swings between two bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .errors import RecipeError
from .recipe import Recipe
from .setting import LARGEST, setting
from .slot import Slot


@dataclass(frozen=True)
class LRCyclical(Recipe):
    """Lets the learning rate rise and fall between two bounds, over and over.

    Why:
        High rates carry the weights over saddle points and out of sharp minima; low rates let them
        settle in between. No single best rate has to be found.

    Formula:
        At step t, with half a cycle of h steps, x = |t / h - 2 floor(1 + t / (2 h)) + 1| and
        rate = lowest + (highest - lowest) max(0, 1 - x).

    Source:
        L4; Smith 2017, Cyclical Learning Rates (arXiv 1506.01186), whose formula is documented at
        `trickbook.callbacks.CyclicalSchedule`. The rate changes at every step. The lowest rate is
        the paper's rule of thumb, a quarter of the highest. The number of cycles is ours; it is
        whole, so that training ends at the lowest rate. In 40 epochs, half a cycle takes 5 of them,
        within the paper's 2 to 10.

    Clashes:
        Another recipe that sets the learning-rate schedule.
    """

    name = "lr_cyclical"
    level = "training"
    helps_against = ("saturated",)
    lowest: float = setting(
        0.25, "lowest rate, in units of the learning rate", low=0, search=(0.01, 0.9), scale="log"
    )
    highest: float = setting(
        1.0,
        "highest rate, in units of the learning rate",
        low=0,
        without_low=True,
        search=(1.0, 10.0),
        scale="log",
    )
    cycles: int = setting(
        4, "number of cycles in the training", whole=True, low=1, high=LARGEST, search=(1, 8)
    )
    mode: Literal["triangular", "triangular2"] = setting(
        "triangular",
        "height of the peaks: all alike, or (triangular2) each half as high above the lowest rate "
        "as the one before",
        choices=("triangular", "triangular2"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.lowest >= self.highest:
            raise RecipeError(
                f"{self.name}: lowest must be below highest. "
                f"Received: lowest={self.lowest}, highest={self.highest}"
            )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the cycles over the whole training."""
        swing = Config.of(
            "trickbook.callbacks:CyclicalSchedule",
            min_rate={"of_rate": self.lowest},
            max_rate={"of_rate": self.highest},
            step_size={"of_training": 0.5 / self.cycles},
            mode=self.mode,
        )
        return blueprint.fill("schedule", Slot(self.name, swing))
