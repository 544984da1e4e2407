"""How the head of the convolutional network pools the last stage's output."""

from __future__ import annotations

from ...recipes import Blueprint

# If a larger image were flattened, the first dense layer would hold nearly all weights.
FLATTEN_UP_TO_PIXELS = 64


def head_pooling(blueprint: Blueprint, image_shape: tuple[int, int, int]) -> str:
    """Returns the head's pooling for images (height, width, channels), one of HEAD_POOLINGS."""
    if blueprint.head_pooling is not None:
        return str(blueprint.head_pooling)
    return "average" if max(image_shape[:2]) > FLATTEN_UP_TO_PIXELS else "flatten"
