"""A blueprint without what has no effect on some data, to find blueprints that train alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..recipes import Blueprint, Slot
from .networks.head import head_pooling
from .networks.image_inputs import after_stage, pixels_lost


def effective_blueprint(blueprint: Blueprint, data: Mapping[str, Any]) -> Blueprint:
    """Returns the blueprint without what has no effect on the data, to compare with another's.

    A scaling that the data have anyway is left out, and so is a schedule whose first step would
    come after the last epoch. The head's pooling of `conv` and `backbone` is the one in effect, or
    "flatten" for maps of a single pixel. Runs themselves follow the blueprint as it is written.

    Args:
        blueprint: what is trained.
        data: summary of the data.
    """
    scaling, schedule = blueprint.scaling, blueprint.schedule
    return blueprint.with_settings(
        head_pooling=_head_pooling(blueprint, data),
        scaling=None if scaling and _is_the_datas(scaling, data) else scaling,
        schedule=None if schedule and _never_falls(schedule, blueprint.epochs) else schedule,
    )


def _head_pooling(blueprint: Blueprint, data: Mapping[str, Any]) -> str | None:
    """Returns what the head does to the last stage's maps, by its setting or by default."""
    pooling: str | None = blueprint.head_pooling
    if blueprint.base == "backbone":
        return pooling or "average"
    if blueprint.base != "conv" or "image_shape" not in data:
        return pooling
    *sizes, channels = data["image_shape"]
    height, width = (size - sum(pixels_lost(blueprint).values()) for size in sizes)
    named = head_pooling(blueprint, (height, width, channels))
    for _ in blueprint.filters:
        height, width = after_stage(height, width, blueprint.pooling)
    # All poolings give the same for a single pixel.
    return "flatten" if height == width == 1 else named


def _is_the_datas(scaling: Slot, data: Mapping[str, Any]) -> bool:
    """Says whether a scaling is the data's own, fitted on the same inputs."""
    if scaling.config.path != "trickbook.data:fit_scaling":
        return False
    return bool(scaling.config.keywords()["name"] == data.get("scaling"))


def _never_falls(schedule: Slot, epochs: int) -> bool:
    """Says whether a rate that falls in steps has its first step after the last epoch."""
    told = schedule.config.keywords()
    length = told.get("decay_steps")
    return (
        schedule.config.path == "keras.optimizers.schedules:ExponentialDecay"
        and bool(told.get("staircase"))
        and isinstance(length, Mapping)
        and bool(length.get("epochs", 0) >= epochs)
    )
