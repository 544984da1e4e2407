"""What a model predicts, and which of it Keras's masks leave out."""

from typing import Any

import keras
import numpy as np

from ..state.keras_private import all_layers, mask_of


def makes_masks(model: keras.Model) -> bool:
    """Whether a layer of the model masks its inputs, as an embedding with `mask_zero` does."""
    return any(
        isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False)
        for layer in all_layers(model)
    )


def predict_with_masks(model: keras.Model, x: Any) -> tuple[Any, list[np.ndarray | None]]:
    """What the model predicts for a batch, and the mask of each output, True where it counts.

    Keras's `predict` drops the masks, which its own losses and metrics respect; so a model that
    makes masks is called directly, which is slower.
    """
    outputs = model(x, training=False)
    masks = [
        None if mask is None else np.asarray(keras.ops.convert_to_numpy(mask)).astype(bool)
        for mask in map(mask_of, keras.tree.flatten(outputs))
    ]
    return keras.tree.map_structure(keras.ops.convert_to_numpy, outputs), masks
