"""How the head of the convolutional network takes in what the last stage gives."""

from __future__ import annotations

# Flattening a larger image makes the first dense layer hold nearly all weights.
FLATTEN_UP_TO_PIXELS = 64


def is_averaged(image_shape: tuple[int, int, int]) -> bool:
    """Returns whether images of (height, width, channels) get global average pooling."""
    return max(image_shape[:2]) > FLATTEN_UP_TO_PIXELS
