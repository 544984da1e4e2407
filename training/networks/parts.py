"""The parts of which base networks are made, each honouring a blueprint's slots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from ...recipes import Blueprint, Slot
from .groups import check_groups
from .seeded import drawn_for, seeded

_CELLS: dict[str, Any] = {
    "simple_rnn": keras.layers.SimpleRNN,
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
}


class NetworkParts:
    """Makes the layers of a network as a blueprint wants them.

    The built-in networks and users' own are functions `build(inputs, classes, parts)` that call
    these methods, which put the contents of the blueprint's slots in the right places. The
    attribute `slots` of such a function (names out of `trickbook.recipes.NETWORK_FIELDS`) says
    which fields of the blueprint it honours; a recipe that changes another field is refused.

    Every layer's weights and random draws are a function of the seed and the layer's name alone, so
    that two blueprints share as much as possible.

    Args:
        blueprint: determines the layers; a builder reads `filters`, `dense` and the like from it.
        seed: seed of the run, 0 or above.
        output_name: name of the last layer.

    Attributes:
        made_logits: whether `logits` was called.
    """

    def __init__(self, blueprint: Blueprint, seed: int = 0, output_name: str = "logits") -> None:
        self.blueprint = blueprint
        self._network = blueprint.network
        self._seed = seed
        self._output_name = output_name
        self.made_logits = False

    def convolution(
        self,
        x: Any,
        filters: int,
        *,
        kernel_size: int = 3,
        strides: int = 1,
        pooled: bool = False,
        skipped: Any = None,
        name: str,
    ) -> Any:
        """Convolution (padding "same"), 2x2 max pooling if asked, normalisation, activation.

        If a skip connection ends here, its tensor `skipped` is added before the activation.
        """
        x = self._convolution(x, filters, kernel_size, strides, f"{name}_conv")
        if pooled:
            x = keras.layers.MaxPooling2D(2, name=f"{name}_pool")(x)
        x = self._normalised(x, name)
        if skipped is not None:
            x = keras.layers.Add(name=f"{name}_add")([x, skipped])
        return self._activation(x, name)

    def projection(self, x: Any, filters: int, *, name: str) -> Any:
        """A 1x1 convolution and its normalisation, for a skip between different shapes."""
        return self._normalised(self._convolution(x, filters, 1, 1, f"{name}_conv"), name)

    def hidden(self, x: Any, units: int, *, name: str) -> Any:
        """Dense -> normalisation -> activation -> the slot after dense layers."""
        network = self._network
        use_bias = network.use_bias or not network.normalize_dense
        x = self._dense(x, units, f"{name}_dense", use_bias=use_bias)
        x = self._activation(self._normalised(x, name) if network.normalize_dense else x, name)
        return self._slots(x, self._network.after_dense, name)

    def recurrent(self, x: Any, units: int, *, sequences: bool, name: str) -> Any:
        """A recurrent layer of the blueprint's cell, and the slot after stages.

        Args:
            x: (n, steps, features).
            units: number of units per direction; the outputs of two directions are concatenated.
            sequences: whether to return the output of every step rather than only the last one.
            name: name of the layer.
        """
        network, own = self._network, f"{name}_{self._network.cell}"

        def make() -> Any:
            layer = _CELLS[network.cell](
                units,
                return_sequences=sequences,
                kernel_initializer=self._initializer(),
                kernel_regularizer=self._regularizer(),
                recurrent_regularizer=self._regularizer(),
                name=own,
            )
            return keras.layers.Bidirectional(layer, name=own) if network.bidirectional else layer

        return self._slots(self._called(x, own, make), network.after_stage, name)

    def after_stage(self, x: Any, *, name: str) -> Any:
        """The slot after a stage's last activation."""
        return self._slots(x, self._network.after_stage, name)

    def halved(self, x: Any, *, name: str) -> Any:
        """Halves height and width after a stage, by pooling or a convolution with stride 2."""
        kind, name = self._network.pooling, f"{name}_pool"
        if kind == "strided":
            return self.convolution(x, x.shape[-1], strides=2, name=name)
        layers = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
        return layers[kind](2, name=name)(x)

    def head(self, x: Any, classes: int) -> Any:
        """The hidden dense layers of the blueprint, and the last one."""
        for number, units in enumerate(self._network.dense, 1):
            x = self.hidden(x, units, name=f"head{number}")
        return self.logits(x, classes)

    def logits(self, x: Any, classes: int) -> Any:
        """The last dense layer: one logit per class, or the single value of a regression."""
        self.made_logits = True
        scale = self._network.logit_scale
        if scale != 1:
            # Scaling the inputs scales the logits, apart from the bias, which starts at 0 anyway.
            x = keras.layers.Rescaling(scale, name="logit_scale")(x)
        return self._dense(x, classes, self._output_name, use_bias=True, dtype="float32")

    def _dense(self, x: Any, units: int, name: str, *, use_bias: bool, **more: Any) -> Any:
        return self._called(
            x,
            name,
            lambda: keras.layers.Dense(
                units,
                kernel_initializer=self._initializer(),
                kernel_regularizer=self._regularizer(),
                use_bias=use_bias,
                name=name,
                **more,
            ),
        )

    def _convolution(self, x: Any, filters: int, kernel_size: int, strides: int, name: str) -> Any:
        return self._called(
            x,
            name,
            lambda: keras.layers.Conv2D(
                filters,
                kernel_size,
                strides=strides,
                padding="same",
                use_bias=self._network.use_bias,
                kernel_initializer=self._initializer(),
                kernel_regularizer=self._regularizer(),
                name=name,
            ),
        )

    def _activation(self, x: Any, name: str) -> Any:
        activation = self._network.activation
        if isinstance(activation, Slot):
            return self._slots(x, (activation,), name)
        return keras.layers.Activation(activation, name=f"{name}_activation")(x)

    def _normalised(self, x: Any, name: str) -> Any:
        slot = self._network.normalization
        if slot is None:
            return x
        check_groups(slot, x.shape, name)
        return self._slots(x, (slot,), name)

    def _slots(self, x: Any, slots: tuple[Slot, ...], name: str) -> Any:
        for slot in slots:
            own = f"{name}_{slot.recipe}"
            x = self._called(x, own, lambda: seeded(slot.config, name=own))  # noqa: B023
        return x

    def _called(self, x: Any, name: str, make: Callable[[], Any]) -> Any:
        """Makes a layer and calls it, which builds it; both may draw random numbers."""
        with drawn_for(self._seed, name):
            return make()(x)

    def _initializer(self) -> Any:
        initializer = self._network.kernel_initializer
        return initializer.config.build() if isinstance(initializer, Slot) else initializer

    def _regularizer(self) -> Any:
        slot = self._network.kernel_regularizer
        return None if slot is None else slot.config.build()
