"""The lecture's convolutional network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from .head import head_pooling
from .image_inputs import check_images
from .parts import NetworkParts

_HEADS: dict[str, Callable[[], Any]] = {
    "average": lambda: keras.layers.GlobalAveragePooling2D(name="pool"),
    "max": lambda: keras.layers.GlobalMaxPooling2D(name="pool"),
    "flatten": lambda: keras.layers.Flatten(name="flatten"),
}


def build(inputs: Any, classes: int, parts: NetworkParts) -> Any:
    """Returns the logits of stages of 3x3 convolutions and a dense head (deck L3).

    A stage consists of convolutions, each followed by normalisation and activation; the slot after
    the stage; the skip's addition; and 2x2 max pooling, or what the blueprint says instead. The
    head consists of flattening (by default global average pooling for images above 64 pixels),
    hidden dense layers, and logits.

    Args:
        inputs: scaled images, (n, height, width, channels).
        classes: number of classes.
        parts: the layers as the blueprint wants them.

    Raises:
        RecipeError: if the images are too small to be halved after every stage, or the groups of a
            normalisation do not fit a layer.
    """
    blueprint = parts.blueprint
    check_images(inputs, blueprint, "conv")
    x = inputs
    for number, filters in enumerate(blueprint.filters, 1):
        stage = f"stage{number}"
        start = x
        for convolution in range(1, blueprint.convolutions + 1):
            x = parts.convolution(x, filters, name=f"{stage}_{convolution}")
        x = parts.after_stage(x, name=stage)
        if blueprint.skip_connections:
            if start.shape[-1] != filters:
                start = parts.projection(start, filters, name=f"{stage}_skip")
            x = keras.layers.Add(name=f"{stage}_add")([x, start])
        x = parts.halved(x, name=stage)
    x = _HEADS[head_pooling(blueprint, inputs.shape[1:])]()(x)
    return parts.head(x, classes)
