"""Dropout."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .network_settings import has_place
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class Dropout(Recipe):
    """Sets a share of the activations to 0 in training, after hidden dense layers and stages.

    Why:
        No unit can rely on any single other unit; the effect is like an average over many thinned
        networks. The activations that stay are scaled by 1/(1-rate), so nothing changes at
        inference. It slows training down, so it needs more steps.

    Formula:
        In training, y = x b / (1 - rate), where b is drawn for each value: 0 with probability
        `rate`, otherwise 1. At inference, y = x.

    Source:
        L3, trick 3 (rate r, inverted scaling, training only; its drawings show 50 %, but it does
        not give the rates of its ladder: 0.3 and 0.1 are ours), L0 (works over about .3 to .6 in
        its case), L1 (.2 to .5, after dense layers, rarely after convolutions); Srivastava et al.
        2014. The `prob` of L3's NumPy class is the share that is kept: its 0.3 is a rate of 0.7
        here.

    Clashes:
        None. Applied again, it replaces its earlier settings.
    """

    level = "training"
    helps_against = ("over-fitting",)
    rate: float = setting(
        0.3,
        "share of the activations set to 0 after each hidden dense layer",
        low=0,
        high=1,
        without_high=True,
        search=(0.05, 0.7),
    )
    stage_rate: float = setting(
        0.1,
        "the same after each stage of convolutions or recurrent layer, if there are any",
        low=0,
        high=1,
        without_high=True,
        search=(0.05, 0.5),
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with dropout after each hidden dense layer and each stage."""
        rates = {"after_dense": self.rate, "after_stage": self.stage_rate}
        there = [place for place in rates if has_place(blueprint.base, place)]
        # A network that has neither place is refused because both are filled.
        for place in there or rates:
            rate = rates[place]
            if rate == 0:
                blueprint = blueprint.empty(place, self.name)
            else:
                layer = Config.of("keras.layers:Dropout", rate=rate)
                blueprint = blueprint.fill(place, Slot(self.name, layer, order=90))
        return blueprint
