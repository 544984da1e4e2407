"""Instance normalisation."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .network_settings import has_hidden_dense
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class InstanceNorm(Recipe):
    """Normalises each channel of each image, between each convolution and its activation.

    Why:
        It removes the contrast and brightness of the single image from every channel, without
        looking at the other images of the batch. Where a channel's strength tells the class, it
        costs accuracy: it was made for the style of pictures, not for telling what they show.

    Formula:
        As batch normalisation, y = gamma (x - m) / sqrt(v + epsilon) + beta, but with the mean m
        and the variance v of the H W values of the channel in that image alone, at inference, too.

    Source:
        L3, summary (names it beside batch, layer and group normalisation); Ulyanov et al. 2016,
        Instance Normalization.

    Clashes:
        Another recipe that sets the normalisation. Hidden dense layers are not normalised: there, a
        channel is a single value, which normalising would turn into 0. It is refused where a map is
        one pixel.
    """

    level = "training"
    helps_against = ("under-fitting", "saturated", "diverged")
    epsilon: float = setting(1e-5, "added to the variance", low=0, without_low=True)

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with it, without the biases of convolutions it makes redundant."""
        # In Keras, -1 stands for as many groups as channels.
        layer = Config.of("keras.layers:GroupNormalization", groups=-1, epsilon=self.epsilon)
        normalised = blueprint.fill("normalization", Slot(self.name, layer))
        dense = {"normalize_dense": False} if has_hidden_dense(blueprint.base) else {}
        return normalised.with_settings(use_bias=False, **dense)
