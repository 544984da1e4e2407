"""The layers at the front of a network, fitted on training inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ..data import Dataset, Scaling
from ..recipes import Blueprint, RecipeError, Slot

# How many inputs go through a layer at once while the next layer is fitted.
_BATCH = 500


@dataclass(frozen=True)
class Preprocessing:
    """The config of one layer, with what the layer has learnt.

    Each network gets its own layer: a layer shared by several networks would keep all of them in
    memory.

    Attributes:
        slot: the slot with the layer's config.
        learnt: the layer's variables, as Keras's layers save them.
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
    """Returns the blueprint's layers, each fitted on the outputs of the layers before it.

    Layers that learn have an `adapt(inputs)` method, like Keras's Normalization; the others are not
    fitted. A layer that looks only at the first n inputs has an attribute `fitted_on` with that
    number.

    Args:
        blueprint: the blueprint with the layers.
        inputs: scaled training inputs, (n, ...).

    Raises:
        RecipeError: if a layer cannot be made for such inputs; the text names its recipe.
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
    # Scaling all of many large images may take more memory than there is.
    needed = [_needed(_made(slot), len(data.x_train)) for slot in blueprint.preprocessing]
    return fit_preprocessing(blueprint, scaling.apply(data.x_train[: max(needed)]))


def _needed(layer: Any, examples: int) -> int:
    """How many of the first inputs a layer looks at; if it learns nothing, one shows the shape."""
    if not hasattr(layer, "adapt"):
        return 1
    needed: int = getattr(layer, "fitted_on", examples)
    return needed


def _made(slot: Slot) -> Any:
    # Statistics need full precision, whatever precision the network computes in.
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
