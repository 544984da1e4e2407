"""Affine moves of the plane, and several of them as one.

A move maps output to input positions (y, x), both measured from the image's centre, in pixels. It
is a 2x3 matrix whose third column is added; each entry is a number, or a tensor (n,) with one
number per image.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from functools import reduce
from typing import Any

from keras import ops

Row = tuple[Any, Any, Any]
Move = tuple[Row, Row]


def flip(is_mirrored: Any) -> Move:
    """Mirrors left to right where `is_mirrored`."""
    return (1.0, 0.0, 0.0), (0.0, ops.where(is_mirrored, -1.0, 1.0), 0.0)


def upside_down(is_turned_over: Any) -> Move:
    """Mirrors top to bottom where `is_turned_over`."""
    return (ops.where(is_turned_over, -1.0, 1.0), 0.0, 0.0), (0.0, 1.0, 0.0)


def rotation(degrees: Any) -> Move:
    """Turns the picture anti-clockwise about its centre."""
    angle = degrees * (math.pi / 180.0)
    cos, sin = ops.cos(angle), ops.sin(angle)
    return (cos, sin, 0.0), (-sin, cos, 0.0)


def shear(along_y: Any, along_x: Any) -> Move:
    """Moves columns along y and rows along x, in pixels per pixel of distance to the centre."""
    return (1.0, along_y, 0.0), (along_x, 1.0, 0.0)


def scaling(y: Any, x: Any) -> Move:
    """Shows `y` times the height and `x` times the width: above 1 the picture looks smaller."""
    return (y, 0.0, 0.0), (0.0, x, 0.0)


def translation(y: Any, x: Any) -> Move:
    """Shows what lies `y` pixels below and `x` to the right."""
    return (1.0, 0.0, y), (0.0, 1.0, x)


def compose(moves: Iterable[Move]) -> Move:
    """Returns several moves as one; they are applied to the picture in the given order."""
    return reduce(_after, moves)


def _after(first: Move, second: Move) -> Move:
    # An output position goes back through the last move first.
    (a, b, c), (d, e, f) = second
    return tuple(  # type: ignore[return-value]
        (
            _sum(_product(y, a), _product(x, d)),
            _sum(_product(y, b), _product(x, e)),
            _sum(_product(y, c), _product(x, f), added),
        )
        for y, x, added in first
    )


def _product(one: Any, other: Any) -> Any:
    """Multiplies; plain 0s and 1s, which most moves have, cost nothing."""
    if _is(one, 0.0) or _is(other, 1.0):
        return one
    if _is(one, 1.0) or _is(other, 0.0):
        return other
    return one * other


def _sum(*terms: Any) -> Any:
    counting = [term for term in terms if not _is(term, 0.0)]
    return reduce(operator.add, counting) if counting else 0.0


def _is(entry: Any, number: float) -> bool:
    return isinstance(entry, float) and entry == number
