"""What to mind with the arms of a study, said before they are trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...recipes import Slot
from ...training.effective_blueprint import effective_blueprint
from ..mirrored_images import MAY_BE_MIRRORED
from .study import Study

_FLIPS = ("flip_probability", "vertical_flip_probability")


def advice_on(study: Study, data: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence for each thing that the study's arms should have, or change in vain.

    Args:
        study: whose arms.
        data: summary of the data.
    """
    yield from _without_effect(study, data)
    yield from _cut_off(study)
    yield from _mirrored(study, data)
    recurrent = [arm.blueprint.training for arm in study.arms if arm.blueprint.base == "recurrent"]
    limits = ("clip_norm", "clip_global_norm", "clip_value")
    if recurrent and not any(getattr(one, limit) for one in recurrent for limit in limits):
        yield (
            "Recurrent networks want their gradients clipped, for they are multiplied from step to "
            "step: no arm has the recipe gradient_clipping."
        )


def _without_effect(study: Study, data: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence for each arm that trains as another does which it is compared with."""
    blueprints = {arm.name: arm.blueprint for arm in study.arms}
    effective = {name: effective_blueprint(one, data) for name, one in blueprints.items()}
    for arm in study.arms:
        # Of equal ones the recipes have warned.
        if arm.against is None or arm.blueprint == blueprints[arm.against]:
            continue
        if effective[arm.name] == effective[arm.against]:
            changed = arm.blueprint.difference(blueprints[arm.against])
            yield (
                f"{arm.name} trains exactly as {arm.against} does: what it changes does nothing on "
                f"these data with this budget ({changed})."
            )


def _cut_off(study: Study) -> Iterator[str]:
    """Yields a sentence for each rate that is still falling along a line when training ends."""
    told: set[tuple[Slot, int]] = set()
    for arm in study.arms:
        schedule, epochs = arm.blueprint.schedule, arm.blueprint.epochs
        if schedule is None or schedule.recipe != "lr_linear" or (schedule, epochs) in told:
            continue
        length = schedule.config.keywords()["decay_steps"].get("epochs", 0)
        if length > epochs:
            told.add((schedule, epochs))
            yield (
                f"{arm.name}: lr_linear is to fall for {length} epochs, and the training has "
                f"{epochs}, so that the rate never comes to its lowest. Give a constant_from of "
                f"{epochs} or less, or more epochs."
            )


def _mirrored(study: Study, data: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence where images are mirrored of data for which the ladder was not made."""
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
            f"{study.name} mirrors training images, first in {flipping[0]}, and of letters, signs "
            "and the like a mirrored one may be of another class. If yours are such, write the "
            "ladder to a file of your own, trickbook show LADDER --toml > mine.toml, with "
            "flip_probability = 0 in every augmentation, and give mine.toml in its place."
        )
