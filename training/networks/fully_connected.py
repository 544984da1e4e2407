"""A network of dense layers, for tables."""

from __future__ import annotations

from typing import Any

import keras

from .parts import NetworkParts


def build(inputs: Any, classes: int, parts: NetworkParts) -> Any:
    """Returns the outputs of hidden dense layers and a last one (deck L1's fully connected).

    Args:
        inputs: scaled examples, (n, ...); examples with several axes are flattened.
        classes: number of outputs.
        parts: the layers as the blueprint wants them.
    """
    x = inputs if len(inputs.shape) == 2 else keras.layers.Flatten(name="flatten")(inputs)
    return parts.head(x, classes)
