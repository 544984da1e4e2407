"""The learning rate that a blueprint asks for, a number or a schedule."""

from __future__ import annotations

import inspect
from typing import Any

from ..recipes import Blueprint
from .lengths import in_steps

# The arguments of Keras's schedules that are lengths; as plain numbers they are in epochs.
KERAS_LENGTHS = ("decay_steps", "warmup_steps", "first_decay_steps", "boundaries")


def learning_rate(blueprint: Blueprint, steps_per_epoch: int) -> Any:
    """Returns the blueprint's rate, or its schedule with all its lengths in steps."""
    if blueprint.schedule is None:
        return blueprint.learning_rate
    config = blueprint.schedule.config
    arguments = {
        name: in_steps(_with_unit(name, value), steps_per_epoch)
        for name, value in config.keywords().items()
    }
    # Schedules that go from a rate of their own, such as one cycle, have no use for ours.
    if "initial_learning_rate" in inspect.signature(config.load()).parameters:
        arguments.setdefault("initial_learning_rate", blueprint.learning_rate)
    return config.build(**arguments)


def _with_unit(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_with_unit(name, item) for item in value]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    # A decay that is over at once, or a warm-up of no epoch, is Keras's to take or refuse.
    is_length = name in KERAS_LENGTHS and is_number and value > 0
    return {"epochs": value} if is_length else value
