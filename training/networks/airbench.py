"""The network of fast trainings on CIFAR-10."""

from __future__ import annotations

from typing import Any

import keras

from .image_inputs import check_images
from .parts import NetworkParts


def build(inputs: Any, classes: int, parts: NetworkParts) -> Any:
    """Returns the logits of stages that halve the image within their first convolution.

    A stage: a convolution, 2x2 max pooling, normalisation, activation; then further convolutions,
    each with normalisation and activation. The largest value of each map goes into the logits. So
    the most costly convolutions see a quarter of the pixels, and there are no dense layers (Jordan
    2024, arXiv 2404.00498; its network has 64, 256 and 256 filters behind `patch_whitening`).

    Args:
        inputs: scaled images, (n, height, width, channels).
        classes: number of classes.
        parts: the layers as the blueprint wants them.

    Raises:
        RecipeError: if the images are too small to be halved in every stage.
    """
    blueprint = parts.blueprint
    check_images(inputs, blueprint, "airbench")
    x = inputs
    for stage, filters in enumerate(blueprint.filters, 1):
        x = parts.convolution(x, filters, pooled=True, name=f"stage{stage}_1")
        for convolution in range(2, blueprint.convolutions + 1):
            x = parts.convolution(x, filters, name=f"stage{stage}_{convolution}")
        x = parts.after_stage(x, name=f"stage{stage}")
    x = keras.layers.GlobalMaxPooling2D(name="pool")(x)
    return parts.logits(x, classes)
