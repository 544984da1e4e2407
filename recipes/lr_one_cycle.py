"""A learning rate that rises once and falls far below its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class LROneCycle(Recipe):
    """Lets the learning rate rise once to a peak, then fall far below where it began.

    Why:
        The large rates in the middle act as a regulariser, and fewer epochs suffice with them. The
        tiny rates at the end let the weights settle.

    Source:
        Smith and Topin 2018, Super-Convergence (arXiv 1708.07120), which builds on L4's cyclical
        rates. The formula, as in fastai and PyTorch, is documented at
        `trickbook.callbacks.OneCycleSchedule`: from peak / 25 to the peak, and down to a 250,000th
        of it at the last step; the rate changes at every step. The peak is ours. Left out are the
        paper's third phase, and its momentum, which falls while the rate rises.

    Clashes:
        Another recipe that sets the learning-rate schedule.
    """

    name = "lr_one_cycle"
    level = "training"
    helps_against = ("oscillating", "improving")
    peak: float = setting(
        3.0,
        "highest rate, in units of the learning rate",
        low=0,
        without_low=True,
        search=(1.0, 10.0),
        scale="log",
    )
    warmup: float = setting(
        0.3,
        "share of the training in which the rate rises",
        low=0,
        high=1,
        without_low=True,
        without_high=True,
        search=(0.1, 0.5),
    )
    shape: Literal["cosine", "linear"] = setting(
        "cosine",
        "shape of rise and fall: cosine, as in fastai, or straight lines",
        choices=("cosine", "linear"),
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with one cycle over the whole training."""
        cycle = Config.of(
            "trickbook.callbacks:OneCycleSchedule",
            max_rate={"of_rate": self.peak},
            total_steps={"of_training": 1},
            warmup=self.warmup,
            shape=self.shape,
        )
        return blueprint.fill("schedule", Slot(self.name, cycle))
