"""The head of a network with a pretrained backbone."""

from __future__ import annotations

from typing import Any

import keras

from .parts import NetworkParts


def build(inputs: Any, classes: int, parts: NetworkParts) -> Any:
    """Returns the logits of a head on a backbone's features (`trickbook.training.backbones`).

    The backbone counts as a stage, so the slot after stages comes between it and the head.

    Args:
        inputs: features, (n, features), or unpooled maps, (n, height, width, channels).
        classes: number of outputs.
        parts: the layers as the blueprint wants them.
    """
    x = parts.after_stage(inputs, name="features")
    x = x if len(x.shape) == 2 else keras.layers.Flatten(name="flatten")(x)
    return parts.head(x, classes)
