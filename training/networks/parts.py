"""The parts that a base network is put together from, each honouring a blueprint's slots."""

from __future__ import annotations

from typing import Any

import keras

from ...recipes import Blueprint
from .seeded import seeded


class NetworkParts:
    """Makes the layers of a network as a blueprint wants them.

    The built-in network and users' own are functions `build(inputs, classes, parts)` that call
    these methods; what a blueprint's slots hold ends up in the right places. Such a function says
    with its attribute `slots` (names out of `trickbook.recipes.NETWORK_FIELDS`) which fields of
    the blueprint it honours; a recipe that changes another one is refused.

    Args:
        blueprint: what decides the layers; read its `filters`, `dense` and the like there.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint

    def convolution(
        self, x: Any, filters: int, *, kernel_size: int = 3, strides: int = 1, name: str
    ) -> Any:
        """Convolution (padding "same") -> normalisation -> activation."""
        return self._activated(
            self._convolution(x, filters, kernel_size, strides, f"{name}_conv"), name
        )

    def projection(self, x: Any, filters: int, *, name: str) -> Any:
        """A 1x1 convolution and its normalisation, for a skip between different shapes."""
        return self._normalised(self._convolution(x, filters, 1, 1, f"{name}_conv"), name)

    def hidden(self, x: Any, units: int, *, name: str) -> Any:
        """Dense -> normalisation -> activation -> the slot after dense layers."""
        dense = keras.layers.Dense(
            units,
            use_bias=self.blueprint.use_bias,
            kernel_initializer=self.blueprint.kernel_initializer,
            kernel_regularizer=self._regularizer(),
            name=f"{name}_dense",
        )
        x = self._activated(dense(x), name)
        for slot in self.blueprint.after_dense:
            x = seeded(slot.config, name=f"{name}_{slot.recipe}")(x)
        return x

    def after_stage(self, x: Any, *, name: str) -> Any:
        """The slot after a stage's last activation."""
        for slot in self.blueprint.after_stage:
            x = seeded(slot.config, name=f"{name}_{slot.recipe}")(x)
        return x

    def logits(self, x: Any, classes: int) -> Any:
        """The last dense layer, one logit per class."""
        return keras.layers.Dense(
            classes,
            kernel_initializer=self.blueprint.kernel_initializer,
            kernel_regularizer=self._regularizer(),
            dtype="float32",
            name="logits",
        )(x)

    def _convolution(self, x: Any, filters: int, kernel_size: int, strides: int, name: str) -> Any:
        return keras.layers.Conv2D(
            filters,
            kernel_size,
            strides=strides,
            padding="same",
            use_bias=self.blueprint.use_bias,
            kernel_initializer=self.blueprint.kernel_initializer,
            kernel_regularizer=self._regularizer(),
            name=name,
        )(x)

    def _activated(self, x: Any, name: str) -> Any:
        activation = keras.layers.Activation(self.blueprint.activation, name=f"{name}_activation")
        return activation(self._normalised(x, name))

    def _normalised(self, x: Any, name: str) -> Any:
        slot = self.blueprint.normalization
        return x if slot is None else seeded(slot.config, name=f"{name}_{slot.recipe}")(x)

    def _regularizer(self) -> Any:
        slot = self.blueprint.kernel_regularizer
        return None if slot is None else slot.config.build()
