"""The layers at the front of a network, fitted on training inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ..data import Dataset, Scaling
from ..recipes import Blueprint, RecipeError, Slot

# Inputs that go through a layer at once while the next is fitted.
_BATCH = 500


@dataclass(frozen=True)
class Preprocessing:
    """What one layer is made of, with what it has learnt.

    Each network gets a layer of its own: one that several shared would keep them all in memory.

    Attributes:
        slot: what to make.
        learnt: its variables, as Keras's layers save them.
    """

    slot: Slot
    learnt: dict[str, np.ndarray]

    def layer(self, input_shape: tuple[int | None, ...]) -> keras.layers.Layer:
        """Returns the layer, built for inputs of this shape, batch included."""
        layer = _made(self.slot)
        _build(layer, input_shape)
        layer.load_own_variables(self.learnt)
        return layer


def fit_preprocessing(blueprint: Blueprint, inputs: np.ndarray) -> tuple[Preprocessing, ...]:
    """Returns the blueprint's layers, each fitted on what the ones before make of the inputs.

    Those that learn have an `adapt(inputs)`, as Keras's Normalization; the others are as they come.
    One that looks at the first so many inputs alone says so by its attribute `fitted_on`.

    Args:
        blueprint: whose layers.
        inputs: scaled training inputs, (n, ...).

    Raises:
        RecipeError: if a layer cannot be made for such inputs, naming its recipe.
    """
    fitted = []
    for slot in blueprint.preprocessing:
        layer = _made(slot)
        try:
            _build(layer, (None, *inputs.shape[1:]))
            if hasattr(layer, "adapt"):
                layer.adapt(inputs)
            if slot != blueprint.preprocessing[-1]:
                inputs = _through(layer, inputs)
        except ValueError as refused:
            raise RecipeError(f"{slot.recipe}: {' '.join(str(refused).split())}") from refused
        fitted.append(Preprocessing(slot, _learnt(layer)))
    return tuple(fitted)


def preprocessing_of(
    blueprint: Blueprint, data: Dataset, scaling: Scaling
) -> tuple[Preprocessing, ...]:
    """Returns the blueprint's layers, fitted on the training inputs of the data."""
    if not blueprint.preprocessing:
        return ()
    # Of large images all, scaled, may take more memory than there is.
    needed = [_needed(_made(slot), len(data.x_train)) for slot in blueprint.preprocessing]
    return fit_preprocessing(blueprint, scaling.apply(data.x_train[: max(needed)]))


def _needed(layer: Any, examples: int) -> int:
    """How many of the first inputs a layer looks at; one that learns nothing, at their shape."""
    if not hasattr(layer, "adapt"):
        return 1
    needed: int = getattr(layer, "fitted_on", examples)
    return needed


def _made(slot: Slot) -> Any:
    # Statistics need all their bits, whatever the type that the network computes in.
    return slot.config.build(name=f"input_{slot.recipe}", dtype="float32")


def _build(layer: Any, input_shape: tuple[int | None, ...]) -> None:
    if not layer.built:
        layer.build(input_shape)


def _through(layer: Any, inputs: np.ndarray) -> np.ndarray:
    starts = range(0, len(inputs), _BATCH)
    parts = [layer(inputs[start : start + _BATCH], training=False) for start in starts]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])


def _learnt(layer: Any) -> dict[str, np.ndarray]:
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    return {name: keras.ops.convert_to_numpy(value) for name, value in store.items()}
