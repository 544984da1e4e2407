"""Checks of the whole numbers in a blueprint."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from .errors import RecipeError

# No layer, batch or training is larger; what is, is a slip, and would fill the memory.
LARGEST = 1_000_000


def check_count(name: str, value: Any) -> int:
    """Returns the number of something as an int; refuses what is none."""
    if not _is_count(value):
        raise RecipeError(
            f"{name} must be a whole number from 1 to a million. Received: {name}={value!r}"
        )
    return int(value)


def check_counts(name: str, values: Any) -> tuple[int, ...]:
    """Returns numbers of something as a tuple; refuses what is no list of them."""
    is_list = isinstance(values, (list, tuple))
    if not is_list or not all(_is_count(value) for value in values):
        raise RecipeError(
            f"{name} takes whole numbers from 1 to a million. Received: {name}={values!r}"
        )
    return tuple(int(value) for value in values)


def _is_count(value: Any) -> bool:
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    return is_whole and 1 <= int(value) <= LARGEST
