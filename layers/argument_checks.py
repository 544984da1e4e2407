"""Checks of a layer's arguments, made when the layer is."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any


def number_in(
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    without_low: bool = False,
    without_high: bool = False,
) -> float:
    """Returns the argument as a float; refuses what is not a finite number in `low`..`high`."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    # Also false for nan, and for whole numbers that no float can hold.
    is_number = is_number and abs(value) <= sys.float_info.max
    if (
        not is_number
        or not low <= value <= high
        or (without_low and value == low)
        or (without_high and value == high)
    ):
        rules = ["be a finite number"]
        if math.isfinite(low):
            rules.append(f"above {low:g}" if without_low else f"{low:g} or above")
        if math.isfinite(high):
            rules.append(f"below {high:g}" if without_high else f"at most {high:g}")
        raise ValueError(f"{name} must {', '.join(rules)}. Received: {name}={value!r}")
    return float(value)


def whole_number(name: str, value: Any) -> int:
    """Returns the argument as an int; refuses what is not a whole number of 0 or above."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} must be a whole number, 0 or above. Received: {name}={value!r}")
    return int(value)


def one_of(name: str, value: Any, choices: Sequence[str]) -> str:
    """Returns the argument; refuses what is none of `choices`."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}. Received: {name}={value!r}")
    return str(value)
