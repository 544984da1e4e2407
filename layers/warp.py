"""Resampling images after one move each, in plain gathers that every backend compiles."""

from __future__ import annotations

from typing import Any

from keras import ops

from .affine import Move

FILL_MODES = ("constant", "nearest", "reflect", "wrap")
INTERPOLATIONS = ("bilinear", "nearest")


def warp(images: Any, move: Move, *, fill_mode: str, interpolation: str) -> Any:
    """Returns the images resampled where `move` sends each output pixel.

    Keras's own `ops.image.affine_transform` does not compile under XLA on TensorFlow and is
    slower there than these gathers.

    Args:
        images: (n, height, width, channels); floating for "bilinear".
        move: from output to input positions, see `layers/affine.py`.
        fill_mode: what lies beyond the border, one of FILL_MODES; "constant" is 0.
        interpolation: one of INTERPOLATIONS.
    """
    height, width = images.shape[1:3]
    centre_y, centre_x = (height - 1) / 2.0, (width - 1) / 2.0
    y = ops.reshape(ops.arange(height, dtype="float32") - centre_y, (1, height, 1))
    x = ops.reshape(ops.arange(width, dtype="float32") - centre_x, (1, 1, width))
    (yy, yx, y0), (xy, xx, x0) = ([_per_image(entry) for entry in row] for row in move)
    source_y = yy * y + yx * x + (y0 + centre_y)
    source_x = xy * y + xx * x + (x0 + centre_x)
    if interpolation == "nearest":
        nearest_y, nearest_x = ops.floor(source_y + 0.5), ops.floor(source_x + 0.5)
        return _take(images, nearest_y, nearest_x, fill_mode)
    floor_y, floor_x = ops.floor(source_y), ops.floor(source_x)
    part_y, part_x = source_y - floor_y, source_x - floor_x
    result = 0.0
    for step_y, weight_y in ((0.0, 1.0 - part_y), (1.0, part_y)):
        for step_x, weight_x in ((0.0, 1.0 - part_x), (1.0, part_x)):
            corner = _take(images, floor_y + step_y, floor_x + step_x, fill_mode)
            weight = ops.cast(weight_y * weight_x, images.dtype)
            result = result + ops.expand_dims(weight, -1) * corner
    return result


def _per_image(entry: Any) -> Any:
    """Returns the entry of a move so that it broadcasts over pixels."""
    return entry if isinstance(entry, float) else ops.reshape(entry, (-1, 1, 1))


def _take(images: Any, y: Any, x: Any, fill_mode: str) -> Any:
    """Returns the pixels at whole positions (y, x), which broadcast to (n, height, width)."""
    height, width, channels = images.shape[1:]
    count = ops.shape(images)[0]
    first = ops.reshape(ops.arange(count, dtype="int32") * (height * width), (-1, 1, 1))
    inside_y, inside_x = _inside(y, height, fill_mode), _inside(x, width, fill_mode)
    places = first + ops.cast(inside_y, "int32") * width + ops.cast(inside_x, "int32")
    pixels = ops.take(ops.reshape(images, (-1, channels)), places, axis=0)
    if fill_mode != "constant":
        return pixels
    is_inside = ops.logical_and(inside_y == y, inside_x == x)
    return pixels * ops.expand_dims(ops.cast(is_inside, pixels.dtype), -1)


def _inside(position: Any, size: int, fill_mode: str) -> Any:
    """Maps whole positions beyond 0..size-1 to the pixels that stand in for them."""
    if fill_mode == "wrap":
        return ops.mod(position, float(size))
    if fill_mode == "reflect":
        turn = ops.mod(position, 2.0 * size)
        return ops.minimum(turn, 2.0 * size - 1.0 - turn)
    return ops.clip(position, 0.0, size - 1.0)
