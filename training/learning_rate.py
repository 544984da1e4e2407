"""The learning rate that a blueprint asks for: a number, a schedule, or what a callback sets."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import keras

from ..argument_checks import is_number
from ..recipes import Blueprint, Slot
from .lengths import in_steps

# The arguments of Keras's schedules that are lengths; as plain numbers they are in epochs.
KERAS_LENGTHS = ("decay_steps", "warmup_steps", "first_decay_steps", "boundaries")
# Lengths that are not rounded to whole steps: over many cycles the rounding errors would add up,
# and the training would end in the middle of a cycle.
UNROUNDED = {"trickbook.callbacks:CyclicalSchedule": ("step_size",)}
# `{"of_rate": n}` is n times the learning rate, whichever recipe sets that.
OF_RATE = "of_rate"


def learning_rate(blueprint: Blueprint, steps_per_epoch: int) -> Any:
    """Returns the blueprint's rate, or its schedule with all its lengths in steps.

    If a callback takes the schedule's place, the rate is the one that the callback begins with.
    """
    if blueprint.schedule is None or rate_callbacks(blueprint):
        return blueprint.learning_rate
    config = blueprint.schedule.config
    unrounded = UNROUNDED.get(config.path, ())
    steps, epochs, rate = steps_per_epoch, blueprint.epochs, blueprint.learning_rate
    arguments = {}
    for name, value in config.keywords().items():
        length = in_steps(_with_unit(name, value), steps, epochs, is_whole=name not in unrounded)
        arguments[name] = _in_rates(length, rate)
    # Schedules with their own initial rate, such as one cycle, do not use the blueprint's.
    if "initial_learning_rate" in inspect.signature(config.load()).parameters:
        arguments.setdefault("initial_learning_rate", rate)
    return config.build(**arguments)


def rate_callbacks(blueprint: Blueprint) -> tuple[Slot, ...]:
    """Returns the slot of the schedule if it holds a Keras callback."""
    slot = blueprint.schedule
    if slot is None:
        return ()
    kind = slot.config.load()
    is_callback = isinstance(kind, type) and issubclass(kind, keras.callbacks.Callback)
    return (slot,) if is_callback else ()


def _in_rates(value: Any, rate: float) -> Any:
    is_relative = isinstance(value, Mapping) and value.keys() == {OF_RATE}
    return value[OF_RATE] * rate if is_relative else value


def _with_unit(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_with_unit(name, item) for item in value]
    # Keras itself accepts or refuses lengths of 0 (such as a warm-up of no epochs) or below.
    is_length = name in KERAS_LENGTHS and is_number(value) and value > 0
    return {"epochs": value} if is_length else value
