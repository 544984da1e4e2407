"""The head of a network whose front was trained before."""

from __future__ import annotations

from typing import Any

import keras

from .parts import NetworkParts


def build(inputs: Any, classes: int, parts: NetworkParts) -> Any:
    """Returns the logits of a head on what a backbone found (`trickbook.training.backbones`).

    The backbone's last maps count as a stage's: what comes after stages comes before the head.

    Args:
        inputs: features, (n, features), or maps that are not pooled, (n, height, width, channels).
        classes: number of outputs.
        parts: the layers as the blueprint wants them.
    """
    x = parts.after_stage(inputs, name="features")
    x = x if len(x.shape) == 2 else keras.layers.Flatten(name="flatten")(x)
    return parts.head(x, classes)
