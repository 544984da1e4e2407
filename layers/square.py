"""A square in an image, as a mask."""

from __future__ import annotations

from typing import Any

from keras import ops


def square_mask(area: Any, place_y: Any, place_x: Any, height: int, width: int) -> Any:
    """Returns which pixels lie in each image's square, (n, height, width, 1), boolean.

    Args:
        area: share of the image's area, (n,). The side is rounded to whole pixels, and at least one
            pixel: on an 8x8 image the smallest areas would round to 0. A square taller or wider
            than the image is cut to the image.
        place_y: where the square lies, 0 (top) to 1 (bottom), (n,).
        place_x: likewise from left to right.
        height: pixels of the image.
        width: pixels of the image.
    """
    side = ops.maximum(ops.floor(ops.sqrt(area * (height * width)) + 0.5), 1.0)
    rows, columns = _span(place_y, side, height), _span(place_x, side, width)
    return ops.logical_and(rows[:, :, None, None], columns[:, None, :, None])


def _span(place: Any, side: Any, size: int) -> Any:
    """Returns which positions lie in a span of `side` pixels, (n, size)."""
    side = ops.minimum(side, float(size))
    first = ops.floor(place * (size - side + 1.0))[:, None]
    positions = ops.reshape(ops.arange(size, dtype="float32"), (1, size))
    return ops.logical_and(positions >= first, positions < first + side[:, None])
