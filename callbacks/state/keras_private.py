"""All that is used of Keras without a public name: what to look at when a new Keras moves it."""

from contextlib import AbstractContextManager
from typing import Any

import keras
from keras.src.backend.common.global_state import get_global_attribute
from keras.src.backend.common.masking import get_keras_mask
from keras.src.backend.common.variables import AutocastScope
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator

CALLBACK_ATTRIBUTES: dict[type[keras.callbacks.Callback], tuple[str, ...]] = {
    keras.callbacks.ModelCheckpoint: ("_batches_seen_since_last_saving", "_last_batch_seen"),
    keras.callbacks.SwapEMAWeights: ("_ema_weights_in_model",),
}
"""What Keras's callbacks remember from one epoch to the next, beside their public attributes."""


def all_layers(model: keras.Model) -> list[keras.Layer]:
    """The model, its layers, and the layers within those."""
    return list(model._flatten_layers())


def origin(tensor: Any) -> tuple[keras.Layer, int]:
    """The layer that gives a symbolic tensor, and which of that layer's outputs it is."""
    layer, _, place = tensor._keras_history
    return layer, place


def mask_of(tensor: Any) -> Any:
    """The mask that comes with what a layer gave; None where there is none."""
    return get_keras_mask(tensor)


def trained_variables(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The variables that a built optimizer was built for, in order."""
    return list(optimizer._trainable_variables)


def begin_fit_at(model: keras.Model, epoch: int | None) -> None:
    """Let a fit that is about to begin its first epoch begin with `epoch`, counted from 0.

    Keras holds on to it for later fits, until it is None.
    """
    model._initial_epoch = epoch


def without_autocast() -> AbstractContextManager[Any]:
    """A scope in which variables have their own type, also within a mixed-precision layer."""
    return AutocastScope(None)


def unseeded_generator() -> keras.random.SeedGenerator:
    """The generator of random operations that are given no seed; made where there is none."""
    return global_seed_generator()


def unseeded_generator_if_made() -> keras.random.SeedGenerator | None:
    """That generator; None where nothing has drawn without a seed yet."""
    return get_global_attribute(GLOBAL_SEED_GENERATOR)
