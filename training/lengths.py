"""Lengths of schedules and callbacks, in epochs or in steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..recipes import RecipeError

UNITS = ("epochs", "steps")


def in_steps(value: Any, steps_per_epoch: int) -> Any:
    """Returns an argument with every length in it, `{"epochs": n}` or `{"steps": n}`, in steps.

    Args:
        value: an argument of a config; mappings and lists are looked into.
        steps_per_epoch: batches per epoch.

    Raises:
        RecipeError: for a length that is no positive number of epochs or steps.
    """
    if isinstance(value, (list, tuple)):
        return [in_steps(item, steps_per_epoch) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1 and next(iter(value)) in UNITS:
        ((unit, length),) = value.items()
        is_number = isinstance(length, (int, float)) and not isinstance(length, bool)
        if not is_number or not length > 0:
            raise RecipeError(f"A length must be above 0. Received: {unit}={length!r}")
        return max(1, round(length * (steps_per_epoch if unit == "epochs" else 1)))
    return {key: in_steps(item, steps_per_epoch) for key, item in value.items()}
