"""The precision of a network that was saved under one that may be another."""

from __future__ import annotations

from collections.abc import Iterator

import keras

from ...callbacks.state.keras_private import all_layers
from ..keras_settings import PRECISIONS


def take_precision(model: keras.Model) -> None:
    """Lets the layers of a network that was loaded compute in the precision that is set.

    Keras loads each layer with the dtype policy that it was saved with. What comes before the first
    layer that learns works on raw values, for which half precision has too few digits: it keeps its
    own. So do later layers of another policy than that first one, which were given it on purpose,
    and what is quantized. All layers become trainable.

    Args:
        model: of the functional kind.
    """
    layers = list(_in_order(model))
    for layer in layers:
        # What was saved frozen does not say which of its weights are learnt. One by one, for on
        # TensorFlow a model does not pass it on to the layers of a Sequential one within it.
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
    """Yields the layers of a network, with those of networks within it in their places."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _in_order(layer)
        else:
            yield layer
