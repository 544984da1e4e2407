"""Lengths of schedules and callbacks: in epochs, in steps or as a share of the training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..argument_checks import is_number
from ..recipes import Config, RecipeError

UNITS = ("epochs", "steps", "of_training")


def in_steps(value: Any, steps_per_epoch: int, epochs: int, *, is_whole: bool = True) -> Any:
    """Returns an argument with every length in it converted to steps.

    A length is `{"epochs": n}`, `{"steps": n}` or a share of the whole training,
    `{"of_training": n}`.

    Args:
        value: an argument of a config; lengths are also found within mappings and lists.
        steps_per_epoch: batches per epoch.
        epochs: epochs of the training.
        is_whole: whether lengths are rounded to whole steps.

    Raises:
        RecipeError: if a length is not a positive number, or a share is above 1.
    """
    if isinstance(value, (list, tuple)):
        return [in_steps(item, steps_per_epoch, epochs, is_whole=is_whole) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1 and next(iter(value)) in UNITS:
        ((unit, length),) = value.items()
        sizes = {"epochs": steps_per_epoch, "steps": 1, "of_training": epochs * steps_per_epoch}
        steps = _checked(unit, length) * sizes[unit]
        # A share that stands for whole steps may be off in the last digit.
        is_rounded = is_whole or math.isclose(steps, round(steps), rel_tol=1e-9)
        return max(1, round(steps) if is_rounded else steps)
    return {
        key: in_steps(item, steps_per_epoch, epochs, is_whole=is_whole)
        for key, item in value.items()
    }


def keywords_in_steps(config: Config, steps_per_epoch: int, epochs: int) -> dict[str, Any]:
    """Returns the arguments of a config by name, with every length converted to steps.

    Args:
        config: the config; an argument that only has the name of a unit, such as `epochs`, is not
            a length.
        steps_per_epoch: batches per epoch.
        epochs: epochs of the training.

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
