"""Group normalisation."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import LARGEST, setting
from .slot import Slot


@dataclass(frozen=True)
class GroupNorm(Recipe):
    """Normalises groups of channels of each image, between each layer and its activation.

    Why:
        It lies between layer normalisation (one group) and instance normalisation (one group per
        channel): channels of the same group keep their differences. It needs no other images, so it
        works where batches are too small for batch normalisation.

    Formula:
        As batch normalisation, y = gamma (x - m) / sqrt(v + epsilon) + beta, but with the mean m
        and the variance v over the H W values of C / groups channels of one image, at inference,
        too.

    Source:
        L3, summary (names it beside batch, layer and instance normalisation); Wu and He 2018,
        Group Normalization (32 groups; 2 to 16 within about a point of it). 8 groups are ours, as
        they divide the channels of the built-in ladders.

    Clashes:
        Another recipe that sets the normalisation. The number of groups must divide the channels of
        each convolution and the units of each hidden dense layer, or it is refused; mind this with
        wider.
    """

    level = "training"
    helps_against = ("under-fitting", "saturated", "diverged")
    groups: int = setting(8, "groups of each layer's channels", whole=True, low=1, high=LARGEST)
    epsilon: float = setting(1e-5, "added to the variance", low=0, without_low=True)

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the normalisation; biases stay, as it does not undo them."""
        layer = Config.of(
            "keras.layers:GroupNormalization", groups=self.groups, epsilon=self.epsilon
        )
        return blueprint.fill("normalization", Slot(self.name, layer))
