"""Advice on the arms of a study, given before they are trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...recipes import Slot
from ...training.effective_blueprint import effective_blueprint
from ..mirrored_images import MAY_BE_MIRRORED
from .study import Study

_FLIPS = ("flip_probability", "vertical_flip_probability")


def advice_on(study: Study, data: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence for each thing that the study's arms lack, or change without effect.

    Args:
        study: the study whose arms are examined.
        data: summary of the data.
    """
    yield from _without_effect(study, data)
    yield from _cut_off(study)
    yield from _mirrored(study, data)
    recurrent = [arm.blueprint.training for arm in study.arms if arm.blueprint.base == "recurrent"]
    limits = ("clip_norm", "clip_global_norm", "clip_value")
    if recurrent and not any(getattr(one, limit) for one in recurrent for limit in limits):
        yield (
            "Recurrent networks should clip their gradients, which are multiplied from step to "
            "step, but no arm has the recipe gradient_clipping."
        )


def _without_effect(study: Study, data: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence for each arm that trains exactly as the arm it is compared with."""
    blueprints = {arm.name: arm.blueprint for arm in study.arms}
    effective = {name: effective_blueprint(one, data) for name, one in blueprints.items()}
    for arm in study.arms:
        # Where the blueprints are equal, the recipes have warned already.
        if arm.against is None or arm.blueprint == blueprints[arm.against]:
            continue
        if effective[arm.name] == effective[arm.against]:
            changed = arm.blueprint.difference(blueprints[arm.against])
            yield (
                f"{arm.name} trains exactly as {arm.against} does: what it changes does nothing on "
                f"these data with this budget ({changed})."
            )


def _cut_off(study: Study) -> Iterator[str]:
    """Yields a sentence for each linear schedule that is still falling when training ends."""
    told: set[tuple[Slot, int]] = set()
    for arm in study.arms:
        schedule, epochs = arm.blueprint.schedule, arm.blueprint.epochs
        if schedule is None or schedule.recipe != "lr_linear" or (schedule, epochs) in told:
            continue
        length = schedule.config.keywords()["decay_steps"].get("epochs", 0)
        if length > epochs:
            told.add((schedule, epochs))
            yield (
                f"{arm.name}: lr_linear falls for {length} epochs, but the training has only "
                f"{epochs}, so the rate never reaches its lowest value. Set constant_from to "
                f"{epochs} or less, or train for more epochs."
            )


def _mirrored(study: Study, data: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence if a built-in ladder mirrors images that it was not made for."""
    if not study.is_built_in or data["name"] in MAY_BE_MIRRORED:
        return
    flipping = [
        arm.name
        for arm in study.arms
        for slot in arm.blueprint.transforms
        if any(slot.config.keywords().get(name) for name in _FLIPS)
    ]
    if flipping:
        yield (
            f"{study.name} mirrors training images, first in {flipping[0]}. A mirrored letter or "
            "sign may belong to another class. If that is true of your images, write the ladder "
            "to a file of your own, trickbook show LADDER --toml > mine.toml, set "
            "flip_probability = 0 in every augmentation, and give mine.toml instead."
        )
