"""Checks of a recipe's settings, made when the recipe is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from .errors import RecipeError

if TYPE_CHECKING:
    from .recipe import Recipe


def _refuse(recipe: Recipe, setting: str, rule: str) -> RecipeError:
    value = getattr(recipe, setting)
    return RecipeError(f"{recipe.name}: {setting} {rule}. Received: {setting}={value!r}")


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    # Also false for nan, and for whole numbers that no float can hold.
    return is_number and abs(value) <= sys.float_info.max


def _keep_as_float(recipe: Recipe, setting: str) -> None:
    """5 and 5.0 must not pass for two different trainings."""
    object.__setattr__(recipe, setting, float(getattr(recipe, setting)))


def check_fraction(recipe: Recipe, setting: str, *, one: bool = True) -> None:
    """Refuses a setting that is not in 0..1 (without 1 itself if `one` is false)."""
    value = getattr(recipe, setting)
    if not _is_number(value) or not 0 <= value <= 1 or (value == 1 and not one):
        raise _refuse(recipe, setting, f"must lie in 0..1{'' if one else ', below 1'}")
    _keep_as_float(recipe, setting)


def check_number(recipe: Recipe, setting: str) -> None:
    """Refuses a setting that is not a finite number."""
    if not _is_number(getattr(recipe, setting)):
        raise _refuse(recipe, setting, "must be a finite number")
    _keep_as_float(recipe, setting)


def check_positive(recipe: Recipe, setting: str, *, zero: bool = False) -> None:
    """Refuses a setting that is not a finite number above 0 (or 0 itself if `zero`)."""
    value = getattr(recipe, setting)
    if not _is_number(value) or value < 0 or (value == 0 and not zero):
        raise _refuse(recipe, setting, "must be 0 or above" if zero else "must be above 0")
    _keep_as_float(recipe, setting)


def check_whole(recipe: Recipe, setting: str) -> None:
    """Refuses a setting that is not a whole number of 0 or above."""
    value = getattr(recipe, setting)
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 0:
        raise _refuse(recipe, setting, "must be a whole number, 0 or above")
    object.__setattr__(recipe, setting, int(value))


def check_choice(recipe: Recipe, setting: str, choices: Sequence[str]) -> None:
    """Refuses a setting that is none of `choices`."""
    if getattr(recipe, setting) not in choices:
        raise _refuse(recipe, setting, f"must be one of {', '.join(choices)}")
