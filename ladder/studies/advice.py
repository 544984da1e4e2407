"""What to mind with the arms of a study, said before they are trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...training.effective_blueprint import effective_blueprint
from .study import Study


def advice_on(study: Study, data: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence for each thing that the study's arms should have, or change in vain.

    Args:
        study: whose arms.
        data: summary of the data.
    """
    yield from _without_effect(study, data)
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
