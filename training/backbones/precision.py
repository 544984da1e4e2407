"""Setting the precision of a loaded network, which may have been saved with another."""

from __future__ import annotations

from collections.abc import Iterator

import keras

from ...callbacks.state.keras_private import all_layers
from ..keras_settings import PRECISIONS


def take_precision(model: keras.Model) -> None:
    """Makes the layers of a loaded network compute in the current precision.

    Keras loads each layer with the dtype policy that it was saved with. Layers before the first one
    with weights to learn keep theirs: they work on raw values, for which half precision has too few
    digits. Later layers keep theirs if it differs from the policy of that first layer, since it was
    given to them on purpose, and so do quantized layers. All layers become trainable.

    Args:
        model: a Functional model.
    """
    layers = list(_in_order(model))
    for layer in layers:
        # A layer saved as frozen does not say which of its weights are learnt. This is set layer by
        # layer, because on TensorFlow a model does not pass it on to a nested Sequential's layers.
        layer.trainable = True
    learning = [place for place, layer in enumerate(layers) if layer.trainable_weights]
    policy = keras.config.dtype_policy()
    if not learning or (usual := layers[learning[0]].dtype_policy.name) not in PRECISIONS:
        return
    for layer in layers[learning[0] :]:
        for part in all_layers(layer):
            if part.dtype_policy.name == usual:
                part.dtype_policy = policy


def _in_order(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yields the layers of a network in order, with nested networks replaced by their layers."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _in_order(layer)
        else:
            yield layer
