"""Lengths of schedules and callbacks, in epochs, in steps or as a share of the training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..argument_checks import is_number
from ..recipes import Config, RecipeError

UNITS = ("epochs", "steps", "of_training")


def in_steps(value: Any, steps_per_epoch: int, epochs: int, *, is_whole: bool = True) -> Any:
    """Returns an argument with every length in it in steps.

    A length is `{"epochs": n}`, `{"steps": n}` or, of the whole training, `{"of_training": n}`.

    Args:
        value: an argument of a config; mappings and lists are looked into.
        steps_per_epoch: batches per epoch.
        epochs: of the training.
        is_whole: whether lengths are rounded to whole steps.

    Raises:
        RecipeError: for a length that is no positive number of epochs or steps, or no share.
    """
    if isinstance(value, (list, tuple)):
        return [in_steps(item, steps_per_epoch, epochs, is_whole=is_whole) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1 and next(iter(value)) in UNITS:
        ((unit, length),) = value.items()
        sizes = {"epochs": steps_per_epoch, "steps": 1, "of_training": epochs * steps_per_epoch}
        steps = _checked(unit, length) * sizes[unit]
        # What a share of the training makes of whole steps is off by the last digit.
        is_rounded = is_whole or math.isclose(steps, round(steps), rel_tol=1e-9)
        return max(1, round(steps) if is_rounded else steps)
    return {
        key: in_steps(item, steps_per_epoch, epochs, is_whole=is_whole)
        for key, item in value.items()
    }


def keywords_in_steps(config: Config, steps_per_epoch: int, epochs: int) -> dict[str, Any]:
    """Returns the arguments of a config, by name, with every length in them in steps.

    Args:
        config: whose arguments; one that is called as a unit is, `epochs` say, is no length.
        steps_per_epoch: batches per epoch.
        epochs: of the training.

    Raises:
        RecipeError: as `in_steps` says.
    """
    return {
        name: in_steps(value, steps_per_epoch, epochs) for name, value in config.keywords().items()
    }


def _checked(unit: str, length: Any) -> float:
    if not is_number(length) or not length > 0:
        raise RecipeError(f"A length must be above 0. Received: {unit}={length!r}")
    if unit == "of_training" and length > 1:
        raise RecipeError(f"A part of the training is at most 1. Received: {unit}={length!r}")
    return float(length)
