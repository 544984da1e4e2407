"""Batch normalisation."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting_checks import check_fraction, check_positive
from .slot import Slot


@dataclass(frozen=True)
class BatchNorm(Recipe):
    """Normalises each channel over the mini-batch, between each convolution and its activation.

    Why:
        Keeps the scale of activations steady while the layers below change, so higher learning
        rates work and fewer epochs do; the noise between mini-batches regularises a little.

    Source:
        L3, trick 2 (per channel over H*W*B values, eps 1e-5, no bias where it is used), L0, L1,
        L4; Ioffe and Szegedy 2015, Batch Normalization.

    Settings:
        momentum: share of the old moving average kept at each step, 0..1 below 1. Keras's 0.99
            needs hundreds of steps to settle; 0.9 suits short trainings.
        epsilon: added to the variance, above 0.

    Clashes:
        Another recipe that sets the normalisation. Weak with very small batches.
    """

    momentum: float = 0.9
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        check_fraction(self, "momentum", one=False)
        check_positive(self, "epsilon")

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the normalisation and without the biases it makes idle."""
        layer = Config.of(
            "keras.layers:BatchNormalization", momentum=self.momentum, epsilon=self.epsilon
        )
        normalised = blueprint.fill("normalization", Slot(self.name, layer))
        return normalised.with_settings(use_bias=False)
