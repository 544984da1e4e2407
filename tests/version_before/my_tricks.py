"""A recipe and a base network as one wrote them for 0.1.0."""

from dataclasses import dataclass, replace

import keras

from trickbook.recipes import Blueprint, Config, Recipe, RecipeError, Slot


@keras.saving.register_keras_serializable("my_tricks")
class ChannelGate(keras.layers.Layer):
    def build(self, shape):
        self.gate = keras.layers.Dense(shape[-1], activation="sigmoid")
        self.gate.build((shape[0], shape[-1]))

    def call(self, x):
        return x * self.gate(keras.ops.mean(x, axis=(1, 2)))[:, None, None, :]


@dataclass(frozen=True)
class Gate(Recipe):
    """Scales each channel by what all channels hold on average.

    Settings:
        factor: of the learning rate, above 0.
    """

    factor: float = 0.5

    def __post_init__(self):
        if self.factor <= 0:
            raise RecipeError("gate: factor must be above 0.")

    def apply(self, blueprint: Blueprint) -> Blueprint:
        gated = blueprint.fill("after_stage", Slot(self.name, Config.of("my_tricks:ChannelGate")))
        return replace(gated, learning_rate=gated.learning_rate * self.factor)


def build(inputs, classes, parts):
    """One stage and one hidden layer, put together by hand."""
    x = parts.convolution(inputs, parts.blueprint.filters[0], name="stem")
    x = parts.after_stage(x, name="stem")
    x = keras.layers.Flatten(name="flatten")(x)
    for index, units in enumerate(parts.blueprint.dense):
        x = parts.hidden(x, units, name=f"hidden{index}")
    return parts.logits(x, classes)


build.slots = ("filters", "dense", "after_stage", "after_dense", "kernel_regularizer")
