"""Resampling each image by a move, with plain gathers that every backend compiles."""

from __future__ import annotations

from typing import Any

from keras import ops

from .affine import Move

FILL_MODES = ("constant", "nearest", "reflect", "mirror", "wrap")
INTERPOLATIONS = ("bilinear", "nearest")


def warp(
    images: Any, move: Move, *, fill_mode: str, interpolation: str, fill_value: float = 0.0
) -> Any:
    """Returns the images, each output pixel being read from where `move` sends it.

    Keras's own `ops.image.affine_transform` does not compile under XLA on TensorFlow and is
    slower there than these gathers.

    Args:
        images: (n, height, width, channels), floating.
        move: maps output to input positions, see `layers/affine.py`.
        fill_mode: what lies beyond the border, one of FILL_MODES.
        interpolation: one of INTERPOLATIONS.
        fill_value: value of "constant", in units of the images.
    """
    height, width = images.shape[1:3]
    centre_y, centre_x = (height - 1) / 2.0, (width - 1) / 2.0
    y = ops.reshape(ops.arange(height, dtype="float32") - centre_y, (1, height, 1))
    x = ops.reshape(ops.arange(width, dtype="float32") - centre_x, (1, 1, width))
    (yy, yx, y0), (xy, xx, x0) = ([_per_image(entry) for entry in row] for row in move)
    source_y = yy * y + yx * x + (y0 + centre_y)
    source_x = xy * y + xx * x + (x0 + centre_x)
    rows = _pixels(source_y, height, fill_mode, interpolation)
    columns = _pixels(source_x, width, fill_mode, interpolation)
    count, channels = ops.shape(images)[0], images.shape[3]
    first = ops.reshape(ops.arange(count, dtype="int32") * (height * width), (-1, 1, 1))
    pixels = ops.reshape(images, (-1, channels))
    result = 0.0
    for row, weight_y in rows:
        start = first + row * width
        for column, weight_x in columns:
            weight = ops.expand_dims(ops.cast(weight_y * weight_x, images.dtype), -1)
            result = result + weight * ops.take(pixels, start + column, axis=0)
    if fill_value:
        within = sum(weight for _, weight in rows) * sum(weight for _, weight in columns)
        result = result + ops.expand_dims(ops.cast(1.0 - within, images.dtype), -1) * fill_value
    return result


def _per_image(entry: Any) -> Any:
    """Returns an entry of a move, shaped to broadcast over pixels."""
    return entry if isinstance(entry, float) else ops.reshape(entry, (-1, 1, 1))


def _pixels(source: Any, size: int, fill_mode: str, interpolation: str) -> list[tuple[Any, Any]]:
    """Returns the pixels along one axis that a position is interpolated from, and their weights."""
    if interpolation == "nearest":
        nearest = ops.floor(source + 0.5)
        return [_pixel(nearest, ops.ones_like(nearest), size, fill_mode)]
    before = ops.floor(source)
    part = source - before
    return [
        _pixel(before, 1.0 - part, size, fill_mode),
        _pixel(before + 1.0, part, size, fill_mode),
    ]


def _pixel(position: Any, weight: Any, size: int, fill_mode: str) -> tuple[Any, Any]:
    """Returns the pixel that a whole position is read from, and its weight: 0 in the fill area."""
    inside = _inside(position, size, fill_mode)
    if fill_mode == "constant":
        weight = weight * ops.cast(inside == position, weight.dtype)
    return ops.cast(inside, "int32"), weight


def _inside(position: Any, size: int, fill_mode: str) -> Any:
    """Maps whole positions beyond 0..size-1 to the pixels that stand in for them."""
    if fill_mode == "wrap":
        return ops.mod(position, float(size))
    if fill_mode == "reflect":
        turn = ops.mod(position, 2.0 * size)
        return ops.minimum(turn, 2.0 * size - 1.0 - turn)
    if fill_mode == "mirror" and size > 1:
        turn = ops.mod(position, 2.0 * size - 2.0)
        return ops.minimum(turn, 2.0 * size - 2.0 - turn)
    return ops.clip(position, 0.0, size - 1.0)
