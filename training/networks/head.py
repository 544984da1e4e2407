"""How the head of the convolutional network takes in what the last stage gives."""

from __future__ import annotations

from ...recipes import Blueprint

# Flattening a larger image makes the first dense layer hold nearly all weights.
FLATTEN_UP_TO_PIXELS = 64


def head_pooling(blueprint: Blueprint, image_shape: tuple[int, int, int]) -> str:
    """Returns what the head does to images of (height, width, channels): a HEAD_POOLINGS."""
    if blueprint.head_pooling is not None:
        return str(blueprint.head_pooling)
    return "average" if max(image_shape[:2]) > FLATTEN_UP_TO_PIXELS else "flatten"
