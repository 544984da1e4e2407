"""What to mind with the arms of a study, said before they are trained."""

from __future__ import annotations

from collections.abc import Iterator

from .study import Study


def advice_on(study: Study) -> Iterator[str]:
    """Yields a sentence for each thing that the study's arms leave out and should have."""
    recurrent = [arm.blueprint.training for arm in study.arms if arm.blueprint.base == "recurrent"]
    limits = ("clip_norm", "clip_global_norm", "clip_value")
    if recurrent and not any(getattr(one, limit) for one in recurrent for limit in limits):
        yield (
            "Recurrent networks want their gradients clipped, for they are multiplied from step to "
            "step: no arm has the recipe gradient_clipping."
        )
