"""All uses of Keras's private names: look here when a new version of Keras moves them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from typing import Any

import keras
import numpy as np

try:
    from keras.src.backend.common.global_state import get_global_attribute
    from keras.src.backend.common.masking import get_keras_mask
    from keras.src.backend.common.variables import AutocastScope
    from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator
except ImportError as error:
    raise ImportError(
        f"trickbook works with Keras 3.14 and 3.15, and Keras {keras.__version__} has moved what "
        "it uses: pip install 'keras<3.16', or take a newer trickbook."
    ) from error

CALLBACK_ATTRIBUTES: dict[type[keras.callbacks.Callback], tuple[str, ...]] = {
    keras.callbacks.ModelCheckpoint: ("_batches_seen_since_last_saving", "_last_batch_seen"),
    keras.callbacks.OrbaxCheckpoint: (
        "_batches_seen_since_last_saving",
        "_last_batch_seen",
        "_total_batches_seen",
    ),
    keras.callbacks.SwapEMAWeights: ("_ema_weights_in_model",),
    keras.callbacks.TensorBoard: ("_global_train_batch", "_global_test_batch"),
}
"""What Keras's callbacks remember from one epoch to the next, besides their public attributes."""


def all_layers(model: keras.Layer) -> list[keras.Layer]:
    """The model or layer, its layers, and the layers within those."""
    return list(model._flatten_layers())


def origin(tensor: Any) -> tuple[keras.Layer, int]:
    """The layer that gives a symbolic tensor, and which of that layer's outputs it is."""
    layer, _, place = tensor._keras_history
    return layer, place


def tensors_called_on(tensor: Any) -> tuple[Any, list[Any]]:
    """What gives a symbolic tensor, a layer or an operation, and the tensors it is called on."""
    operation, place, _ = tensor._keras_history
    return operation, list(operation._inbound_nodes[place].input_tensors)


def run_through(model: keras.Model, tensor: Any, chosen: Callable[[Any], Any]) -> Any:
    """Apply a network of one input and one output to another symbolic tensor, call by call.

    Args:
        model: A functional model.
        tensor: What to use as its input.
        chosen: Returns for each of its operations what to call instead.
    """
    found = model._run_through_graph([tensor], operation_fn=chosen)
    return found[0] if isinstance(found, list | tuple) else found


def mask_of(tensor: Any) -> Any:
    """The mask of a layer's output; None if it has none."""
    return get_keras_mask(tensor)


def trained_variables(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The variables that a built optimizer was built for, in order."""
    return list(optimizer._trainable_variables)


def place_of(optimizer: keras.optimizers.Optimizer, variable: Any) -> int:
    """Where among a built optimizer's variables one stands that it is given for an update.

    On TensorFlow that is not the Keras variable itself.
    """
    place: int = optimizer._get_variable_index(variable)
    return place


def moving_averages(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The averages that a built optimizer with `use_ema` keeps of its variables, in order."""
    return list(optimizer._model_variables_moving_average)


def averages_are_in_model(callback: keras.callbacks.SwapEMAWeights) -> bool:
    """Whether the callback has put the averages into the model and not taken them out yet."""
    return bool(callback._ema_weights_in_model)


def begin_fit_at(model: keras.Model, epoch: int | None) -> None:
    """Let a fit that is about to begin its first epoch begin with `epoch`, counted from 0.

    Keras keeps it for later fits too, until this is called with None.
    """
    model._initial_epoch = epoch


def rate_source(optimizer: keras.optimizers.Optimizer) -> Any:
    """What an optimizer takes its rate from: a variable, a schedule or a function."""
    return optimizer._learning_rate


def loss_arguments(loss: keras.losses.Loss) -> dict[str, Any]:
    """The arguments that a Keras loss was made with, by name; empty for a user's own loss."""
    return dict(getattr(loss, "_fn_kwargs", {}))


def loss_of(
    model: keras.Model, asked_by: keras.Model, x: Any, y: Any, y_pred: Any, *, training: bool
) -> Any:
    """The loss of a compiled model of its outputs, whichever arguments its `compute_loss` takes.

    Args:
        model: The model.
        asked_by: The model in whose training step it is asked for: on JAX Keras gives that one what
            layers have added to the loss in the forward pass.
        x: The inputs.
        y: The labels.
        y_pred: The outputs.
        training: Whether it is a training step.
    """
    model._losses_override = list(asked_by._losses_override)
    try:
        return model._compute_loss(x, y, y_pred, training=training)
    finally:
        model._losses_override.clear()


def loss_weights(model: keras.Model) -> Any:
    """The weights of the losses of several outputs that the model was compiled with, or None."""
    return getattr(getattr(model, "_compile_loss", None), "_user_loss_weights", None)


def flush_event_files(callback: keras.callbacks.TensorBoard) -> None:
    """Write out what the callback's writers still hold in memory."""
    for writer in callback._writers.values():
        writer.flush()


def value_amid_epoch(model: keras.Model, variable: keras.Variable) -> float:
    """The value of a variable of the optimizer or of a metric between two batches.

    On JAX Keras trains on copies there, and the variable itself holds no value.
    """
    state = getattr(model, "_jax_state", None)
    if state and not model._jax_state_synced:
        of_optimizer = zip(model.optimizer.variables, state["optimizer_variables"], strict=True)
        of_metrics = zip(model.metrics_variables, state["metrics_variables"], strict=True)
        for one, value in chain(of_optimizer, of_metrics):
            if one is variable:
                return float(keras.ops.convert_to_numpy(value))
    return float(keras.ops.convert_to_numpy(variable))


def with_optimizer_value(
    state: Any,
    optimizer: keras.optimizers.Optimizer,
    variables: Sequence[keras.Variable],
    value: float,
) -> Any:
    """The state of a JAX training step, with a new value for some of the optimizer's variables.

    Args:
        state: Values of the trainable, the other, the optimizer's and the metrics' variables.
        optimizer: The compiled optimizer.
        variables: Some of its variables.
        value: The new value of all of these.
    """
    trainable, others, held, metrics = state
    chosen = {id(one) for one in variables}
    new = [
        # Passing a NumPy array to the compiled step is faster than making a JAX array.
        np.asarray(value, one.dtype) if id(one) in chosen else old
        for one, old in zip(optimizer.variables, held, strict=True)
    ]
    return trainable, others, new, metrics


def without_autocast() -> AbstractContextManager[Any]:
    """A scope in which variables keep their own type, even within a mixed-precision layer."""
    return AutocastScope(None)


def unseeded_generator() -> keras.random.SeedGenerator:
    """The generator of random operations without a seed; created if it does not exist."""
    return global_seed_generator()


def unseeded_generator_if_made() -> keras.random.SeedGenerator | None:
    """The generator of random operations without a seed; None if nothing has used it yet."""
    return get_global_attribute(GLOBAL_SEED_GENERATOR)


def compiled_step(model: keras.Model) -> Any:
    """TensorFlow's train function of a model, which takes an iterator; None if there is none."""
    cells = getattr(getattr(model, "train_function", None), "__closure__", None) or ()
    held = [cell.cell_contents for cell in cells]
    return next((one for one in held if hasattr(one, "get_concrete_function")), None)
