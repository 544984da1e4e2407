"""Averaging of the weights over the steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class WeightAveraging(Recipe):
    """Evaluates and saves an average of the weights over the last steps.

    Why:
        Mini-batches make the weights wander about a good place. Their average lies nearer to it,
        much as a lower learning rate at the end would bring them there. An exponential moving
        average (EMA) leaves the training as it is. Lookahead lets the optimiser run ahead for some
        steps and then takes it back to a point on the way, which steadies the training itself.

    Source:
        Polyak and Juditsky 1992 (averaging); Zhang et al. 2019, Lookahead Optimizer: k steps
        forward, 1 step back (5 steps, 0.5); Jordan 2024 (arXiv 2404.00498: 5 steps, alpha from 1
        to 1 - 0.95 ** 5 = 0.226 with the cube). Not in the decks; L4 takes an oscillating loss as a
        sign of too high a rate, and averaging damps the oscillation, too.

    Clashes:
        Another recipe that sets the averaging; transfer with unfreeze, as averages would begin anew
        in each phase. The moving statistics of a batch normalisation are not averaged: they are
        those of the weights in training. With few steps, a momentum near 1 averages weights from
        the beginning, too.
    """

    level = "training"
    helps_against = ("oscillating",)
    kind: Literal["ema", "lookahead"] = setting(
        "ema", "which average", choices=("ema", "lookahead")
    )
    momentum: float = setting(
        0.99,
        "share of the old average kept at each step",
        of_kinds=("ema",),
        low=0,
        high=1,
        without_low=True,
        without_high=True,
    )
    steps: int = setting(
        5, "steps between two averages", whole=True, low=1, of_kinds=("lookahead",)
    )
    alpha: float = setting(
        0.5,
        "share of the way ahead that is kept",
        of_kinds=("lookahead",),
        low=0,
        high=1,
        without_low=True,
    )
    end_alpha: float | None = setting(
        None,
        "alpha at the end; it changes with the cube of the share of the training that is done; "
        "None: alpha stays",
        of_kinds=("lookahead",),
        low=0,
        high=1,
        without_low=True,
        optional=True,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the average."""
        return blueprint.fill("averaging", Slot(self.name, self._config()))

    def _config(self) -> Config:
        if self.kind == "ema":
            return Config.of("trickbook.training.optimizers:with_ema", momentum=self.momentum)
        growing = (
            {}
            if self.end_alpha is None
            else {"end_alpha": self.end_alpha, "total_steps": {"of_training": 1}}
        )
        return Config.of(
            "trickbook.training.optimizers:Lookahead",
            steps=self.steps,
            alpha=self.alpha,
            **growing,
        )
