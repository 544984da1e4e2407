"""The moves of the augmentation layer, drawn for each image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from keras import ops

from . import affine
from .draws import between, either_way

if TYPE_CHECKING:
    from .random_augmentation import RandomAugmentation


# Drawn only if they are switched on.
OPTIONAL = ("vertical_flip", "width_zoom")


class Columns(NamedTuple):
    """What each column of the draws decides; repeating a training depends on their order."""

    flip: Any
    shift_y: Any
    shift_x: Any
    padding_y: Any
    padding_x: Any
    crop_area: Any
    crop_y: Any
    crop_x: Any
    rotation: Any
    zoom: Any
    shear_y: Any
    shear_x: Any
    brightness: Any
    contrast: Any
    channel_shift: Any
    channel_shift_key: Any
    erasing: Any
    erasing_area: Any
    erasing_y: Any
    erasing_x: Any
    # OPTIONAL; the columns of the operations follow.
    vertical_flip: Any = None
    width_zoom: Any = None


def drawn_moves(
    layer: RandomAugmentation, columns: Columns, height: int, width: int
) -> list[affine.Move]:
    """Returns the moves that are on, in the order in which they are applied to the picture.

    Args:
        layer: the layer whose arguments say what moves how far.
        columns: uniform draws in 0..1, (n,) each.
        height: height of the images, in pixels.
        width: width of the images, in pixels.
    """
    return [
        *_flips(layer, columns),
        *_turns(layer, columns),
        *_zooms(layer, columns),
        *_shifts(layer, columns, height, width),
        *_crops(layer, columns, height, width),
    ]


def _flips(layer: RandomAugmentation, columns: Columns) -> list[affine.Move]:
    moves = []
    if layer.flip_probability:
        moves.append(affine.flip(columns.flip < layer.flip_probability))
    if layer.vertical_flip_probability:
        is_over = columns.vertical_flip < layer.vertical_flip_probability
        moves.append(affine.upside_down(is_over))
    return moves


def _turns(layer: RandomAugmentation, columns: Columns) -> list[affine.Move]:
    moves = []
    if layer.rotation_degrees:
        moves.append(affine.rotation(either_way(columns.rotation, layer.rotation_degrees)))
    if layer.shear:
        slopes = (either_way(draw, layer.shear) for draw in (columns.shear_y, columns.shear_x))
        moves.append(affine.shear(*slopes))
    if layer.shear_degrees:
        angle = either_way(columns.shear_x, math.radians(layer.shear_degrees))
        moves.append(affine.shear(0.0, ops.tan(angle)))
    return moves


def _zooms(layer: RandomAugmentation, columns: Columns) -> list[affine.Move]:
    if layer.zoom:
        extent = 1.0 + either_way(columns.zoom, layer.zoom)
        return [affine.scaling(extent, extent)]
    if not (layer.height_zoom or layer.width_zoom):
        return []
    y = 1.0 + either_way(columns.zoom, layer.height_zoom) if layer.height_zoom else 1.0
    x = 1.0 + either_way(columns.width_zoom, layer.width_zoom) if layer.width_zoom else 1.0
    return [affine.scaling(y, x)]


def _shifts(
    layer: RandomAugmentation, columns: Columns, height: int, width: int
) -> list[affine.Move]:
    moves = []
    along_y, along_x = layer.height_shift, layer.width_shift
    if layer.shift_pixels:
        shifts = (columns.shift_y, columns.shift_x)
        moves.append(affine.translation(*(either_way(s, layer.shift_pixels) for s in shifts)))
    elif along_y or along_x:
        y = _shift(columns.shift_y, along_y, height) if along_y else 0.0
        x = _shift(columns.shift_x, along_x, width) if along_x else 0.0
        moves.append(affine.translation(y, x))
    if padding := layer.crop_padding_pixels:
        places = (columns.padding_y, columns.padding_x)
        moves.append(affine.translation(*(_whole_shift(place, padding) for place in places)))
    return moves


def _shift(draws: Any, amount: Any, size: int) -> Any:
    """Returns each image's shift in pixels: up to an amount, or one out of a list of them."""
    if not isinstance(amount, tuple):
        return either_way(draws, amount * size if amount < 1 else amount)
    unit = size if max(amount) < 1 else 1
    both_ways = [sign * each * unit for sign in (-1.0, 1.0) for each in amount]
    place = ops.cast(ops.floor(draws * len(both_ways)), "int32")
    return ops.take(ops.convert_to_tensor(both_ways, dtype="float32"), place)


def _whole_shift(draw: Any, padding: int) -> Any:
    return ops.floor(draw * (2 * padding + 1)) - float(padding)


def _crops(
    layer: RandomAugmentation, columns: Columns, height: int, width: int
) -> list[affine.Move]:
    if layer.crop_area_min == 1:
        return []
    scale = ops.sqrt(between(columns.crop_area, layer.crop_area_min, 1.0))
    room_y, room_x = (1.0 - scale) * height, (1.0 - scale) * width
    return [
        affine.translation((columns.crop_y - 0.5) * room_y, (columns.crop_x - 0.5) * room_x),
        affine.scaling(scale, scale),
    ]
