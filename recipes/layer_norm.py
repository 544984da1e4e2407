"""Layer normalisation."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class LayerNorm(Recipe):
    """Normalises each image over all values of a layer, between the layer and its activation.

    Why:
        It keeps the scale of activations steady as batch normalisation does, but without looking at
        the other images of the batch: it works with any batch size, and does the same at inference
        as in training. It leaves the differences between channels as they are.

    Formula:
        As batch normalisation, y = gamma (x - m) / sqrt(v + epsilon) + beta, but with the mean m
        and the variance v of all values of the image in that layer (H W C of them), at inference,
        too.

    Source:
        L3, summary (names it beside batch, instance and group normalisation, in the figure of Wu
        and He 2018, which takes height, width and channels together); Ba et al. 2016, Layer
        Normalization. Gain and shift are per channel, as in Wu and He.

    Clashes:
        Another recipe that sets the normalisation.
    """

    level = "training"
    helps_against = ("under-fitting", "saturated", "diverged")
    epsilon: float = setting(1e-5, "added to the variance", low=0, without_low=True)

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the normalisation; biases stay, as it does not undo them."""
        # One group of all channels. Keras's LayerNormalization would take the last axis alone, or
        # learn a gain for each pixel.
        layer = Config.of("keras.layers:GroupNormalization", groups=1, epsilon=self.epsilon)
        return blueprint.fill("normalization", Slot(self.name, layer))
