"""From a blueprint to a compiled Keras model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

from ..recipes import Blueprint, Config
from .networks.base_network import find_base
from .networks.parts import NetworkParts

if TYPE_CHECKING:
    from ..data import Scaling

# The arguments of Keras's schedules that are lengths in steps; a blueprint gives them in epochs.
SCHEDULE_LENGTHS = ("decay_steps", "warmup_steps", "first_decay_steps", "boundaries")


@dataclass(frozen=True)
class BuiltModel:
    """A model for raw pixels and the part of it that is trained on scaled ones.

    Attributes:
        full: raw pixels -> logits, what is saved and used.
        trainable: scaled pixels -> logits, compiled; it shares every weight with `full`. Training
            transforms work on scaled images, so they stay outside of the saved model.
    """

    full: keras.Model
    trainable: keras.Model


def build_model(
    blueprint: Blueprint,
    image_shape: tuple[int, int, int],
    classes: int,
    scaling: Scaling,
    *,
    steps_per_epoch: int,
    steps_per_execution: int = 1,
) -> BuiltModel:
    """Returns the compiled model of a blueprint; seed Keras before, as weights are drawn here.

    Args:
        blueprint: what to build.
        image_shape: (height, width, channels).
        classes: number of classes.
        scaling: how raw pixels are scaled, a layer inside the full model.
        steps_per_epoch: batches per epoch, which a schedule in epochs is turned into steps with.
        steps_per_execution: batches per call of the compiled training function; PyTorch knows
            only single ones.
    """
    network = build_network(blueprint, image_shape, classes)
    optimizer = blueprint.optimizer.build(learning_rate=_learning_rate(blueprint, steps_per_epoch))
    network.compile(
        optimizer=optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[
            # Objects, not names: what Keras makes of a name has no variables until the training
            # step is traced, and TensorFlow then traces it twice.
            keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
            # The loss holds any penalty, so it does not compare across rungs; this does.
            keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="cross_entropy"),
        ],
        steps_per_execution=1 if keras.backend.backend() == "torch" else steps_per_execution,
        jit_compile=_jit_compile(),
    )
    return BuiltModel(full=_with_scaling(network, image_shape, scaling), trainable=network)


def build_network(
    blueprint: Blueprint, image_shape: tuple[int, int, int], classes: int
) -> keras.Model:
    """Returns the network from scaled images to logits, not compiled.

    Raises:
        RecipeError: if the images are too small for the network's pooling.
    """
    inputs = keras.Input(image_shape, name="scaled_images")
    logits = find_base(blueprint.base)(inputs, classes, NetworkParts(blueprint))
    return keras.Model(inputs, logits, name="network")


def _with_scaling(
    network: keras.Model, image_shape: tuple[int, int, int], scaling: Scaling
) -> keras.Model:
    images = keras.Input(image_shape, name="images")
    rescale = keras.layers.Rescaling(list(scaling.scale), list(scaling.offset), name="scaling")
    return keras.Model(images, network(rescale(images)), name="trickbook")


def _learning_rate(blueprint: Blueprint, steps_per_epoch: int) -> Any:
    if blueprint.schedule is None:
        return blueprint.learning_rate
    config = blueprint.schedule.config
    lengths = {
        name: _in_steps(value, steps_per_epoch)
        for name, value in config.arguments
        if name in SCHEDULE_LENGTHS
    }
    others = {name: value for name, value in config.arguments if name not in SCHEDULE_LENGTHS}
    # A piecewise constant schedule has all its rates in `values`.
    if "values" not in others:
        others["initial_learning_rate"] = blueprint.learning_rate
    return Config.of(config.path, **others).build(**lengths)


def _in_steps(epochs: Any, steps_per_epoch: int) -> Any:
    if isinstance(epochs, tuple):
        return [_in_steps(item, steps_per_epoch) for item in epochs]
    return round(epochs * steps_per_epoch)


def _jit_compile() -> bool | str:
    """Whether XLA compiles the training step: on CPUs it makes that of TensorFlow slower.

    JAX computes operation by operation without it, and PyTorch is left as it is.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return "auto" if _has_accelerator() else False
    return backend == "jax"


def _has_accelerator() -> bool:
    return any(not device.startswith("cpu") for device in keras.distribution.list_devices())
