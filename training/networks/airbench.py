"""The airbench network, known for fast training on CIFAR-10."""

from __future__ import annotations

from typing import Any

import keras

from ...recipes import RecipeError
from .image_inputs import check_images
from .parts import NetworkParts


def build(inputs: Any, classes: int, parts: NetworkParts) -> Any:
    """Returns the logits of stages that halve the image within their first convolution.

    A stage consists of a convolution, 2x2 max pooling, normalisation and activation, and then
    further convolutions, each with normalisation and activation. The logits are computed from the
    largest value of each map. The most costly convolutions thus see a quarter of the pixels, and
    there are no hidden dense layers (Jordan 2024, arXiv 2404.00498; the paper's network has 64, 256
    and 256 filters behind `patch_whitening`). With skip connections the output of each stage's
    first convolution is added to that of its last one before the activation, as in the paper's
    network for 96 %.

    Args:
        inputs: scaled images, (n, height, width, channels).
        classes: number of classes.
        parts: the layers as the blueprint wants them.

    Raises:
        RecipeError: if the images are too small to be halved in every stage, or there is no
            convolution for a skip to go around.
    """
    blueprint = parts.blueprint
    check_images(inputs, blueprint, "airbench")
    if blueprint.skip_connections and blueprint.convolutions < 2:
        raise RecipeError(
            "skip_connections: in airbench they go around all convolutions of a stage but the "
            "first. Give the baseline convolutions = 2 or more, or leave the recipe out."
        )
    x = inputs
    for stage, filters in enumerate(blueprint.filters, 1):
        first = x = parts.convolution(x, filters, pooled=True, name=f"stage{stage}_1")
        for convolution in range(2, blueprint.convolutions + 1):
            is_end = blueprint.skip_connections and convolution == blueprint.convolutions
            skipped = first if is_end else None
            x = parts.convolution(x, filters, skipped=skipped, name=f"stage{stage}_{convolution}")
        x = parts.after_stage(x, name=f"stage{stage}")
    x = keras.layers.GlobalMaxPooling2D(name="pool")(x)
    return parts.logits(x, classes)
