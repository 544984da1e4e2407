"""From a blueprint to a compiled Keras model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

from ..recipes import Blueprint, RecipeError
from .build_optimizer import build_optimizer
from .networks.base_network import find_base
from .networks.base_outputs import checked_network
from .networks.embeddings import embedded
from .networks.input_kind import InputKind
from .networks.parts import NetworkParts
from .preprocessing import Preprocessing
from .tasks import task_at_work
from .trained_model import TrainedModel

if TYPE_CHECKING:
    from ..data import Scaling


@dataclass(frozen=True)
class BuiltModel:
    """A model for raw inputs and the part of it that is trained on scaled ones.

    Attributes:
        inference_model: raw inputs -> logits, or values in units of the target; what is saved.
        training_model: scaled inputs -> logits or standardised values, compiled; it shares every
            weight with `inference_model`. Training transforms work on scaled images, so they stay
            outside the saved model.
    """

    inference_model: keras.Model
    training_model: keras.Model


def build_model(
    blueprint: Blueprint,
    kind: InputKind | tuple[int, ...],
    units: int,
    scaling: Scaling,
    *,
    target_scaling: Scaling | None = None,
    seed: int = 0,
    steps_per_epoch: int,
    steps_per_execution: int = 1,
    class_weights: tuple[float, ...] | None = None,
    preprocessing: tuple[Preprocessing, ...] = (),
) -> BuiltModel:
    """Returns the compiled model of a blueprint.

    Args:
        blueprint: what to build.
        kind: what the examples are; for plain numbers, their shape is enough.
        units: number of classes, or of values.
        scaling: how raw inputs are scaled; it becomes a layer of the inference model.
        target_scaling: how the targets of a regression are scaled; the inference model undoes it.
        seed: seed for the weights and the layers' random draws, 0 or above.
        steps_per_epoch: batches per epoch, used to convert lengths in epochs to steps.
        steps_per_execution: batches per call of the compiled training function; on PyTorch it is
            always 1.
        class_weights: how much the examples of each class count in the loss; None: all count the
            same.
        preprocessing: the layers at the front, as `fit_preprocessing` returns them.

    Raises:
        RecipeError: if the network cannot be built for such inputs.
    """
    if blueprint.base == "backbone":
        raise RecipeError("A network with a backbone is built by build_transfer.")
    network = build_network(blueprint, kind, units, seed, preprocessing)
    # A separate model of the same layers: the loss and optimiser that it is compiled with are not
    # saved, so loading the saved model needs none of our classes for them.
    trained = TrainedModel(network.input, network.output, name="trained")
    optimizer = build_optimizer(blueprint, trained, steps_per_epoch)
    compile_model(trained, blueprint, optimizer, units, steps_per_execution, class_weights)
    full = _with_scaling(network, scaling, target_scaling)
    return BuiltModel(inference_model=full, training_model=trained)


def compile_model(
    model: keras.Model,
    blueprint: Blueprint,
    optimizer: keras.optimizers.Optimizer,
    units: int,
    steps_per_execution: int = 1,
    class_weights: tuple[float, ...] | None = None,
) -> None:
    """Compiles a model with the blueprint's loss and metrics; the arguments are `build_model`'s."""
    task, mixes = task_at_work(blueprint.task), blueprint.mixing is not None
    model.compile(
        optimizer=optimizer,
        loss=task.loss(blueprint.label_smoothing, class_weights, mixes=mixes),
        metrics=task.metrics(units, mixes=mixes),
        steps_per_execution=1 if keras.backend.backend() == "torch" else steps_per_execution,
        jit_compile=_jit_compile(blueprint.base),
    )


def build_network(
    blueprint: Blueprint,
    kind: InputKind | tuple[int, ...],
    units: int,
    seed: int = 0,
    preprocessing: tuple[Preprocessing, ...] = (),
) -> keras.Model:
    """Returns the network from scaled inputs to logits or standardised values, not compiled.

    Args:
        blueprint: what to build.
        kind: what the examples are; for plain numbers, their shape is enough.
        units: number of classes, or of values.
        seed: weights and random draws are a function of it and of each layer's name. Layers that a
            user's own builder makes without `parts` draw from Keras's global generator, which is
            seeded.
        preprocessing: the layers at the front, as `fit_preprocessing` returns them.

    Raises:
        RecipeError: if the images are too small for the network's pooling, if a user's own base
            network does not return one output per class, or if it makes its last layer itself
            although the logits are to be scaled.
    """
    keras.utils.set_random_seed(seed)
    kind = kind if isinstance(kind, InputKind) else InputKind(kind)
    inputs = keras.Input(kind.shape, name="scaled_images")
    parts = NetworkParts(blueprint, seed, task_at_work(blueprint.task).output_name)
    settings = dict(blueprint.network.settings)
    first = inputs
    for one in preprocessing:
        first = one.layer(first.shape)(first)
    first = embedded(first, kind, blueprint, seed)
    outputs = find_base(blueprint.base)(first, units, parts, **settings)
    if blueprint.logit_scale != 1 and not parts.made_logits:
        raise RecipeError(
            f"logit_scaling: the base network {blueprint.base!r} makes its last layer itself, so "
            "its logits would not be scaled. End it with parts.logits(x, classes), or leave the "
            "recipe out."
        )
    return checked_network(inputs, outputs, units, blueprint.base)


def _with_scaling(
    network: keras.Model, scaling: Scaling, target_scaling: Scaling | None
) -> keras.Model:
    inputs = keras.Input(network.input_shape[1:], name="images")
    scaled = rescaling(scaling, "scaling")(inputs)
    outputs = in_units(network(scaled), target_scaling)
    return keras.Model(inputs, outputs, name="trickbook")


def in_units(outputs: Any, target_scaling: Scaling | None) -> Any:
    """Returns a network's symbolic outputs in units of the target, if the target was scaled."""
    if target_scaling is None:
        return outputs
    return rescaling(target_scaling.inverse(), "units")(outputs)


def rescaling(scaling: Scaling, name: str) -> keras.layers.Layer:
    """Returns the layer that applies a scaling to its inputs."""
    # Half precision has three digits: it would confuse token ids and be off by a grey level.
    return keras.layers.Rescaling(
        list(scaling.scale), list(scaling.offset), name=name, dtype="float32"
    )


def _jit_compile(base: str) -> bool | str:
    """Whether XLA compiles the training step: on CPUs it makes TensorFlow's step slower.

    Recurrent layers are the exception. A training step of an LSTM with 32 units and batches of 16
    took 0.5, 1.1 and 1.6 ms on one core for sequences of 8, 32 and 64 steps. Without XLA it took
    0.9, 3.2 and 6.9 ms, and unrolled 0.6, 1.7 and 5.1 ms; unrolling also takes seconds longer to
    trace. Without XLA, JAX computes operation by operation. PyTorch is left as it is.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return "auto" if _has_accelerator() else base == "recurrent"
    return backend == "jax"


def _has_accelerator() -> bool:
    return any(not device.startswith("cpu") for device in keras.distribution.list_devices())
