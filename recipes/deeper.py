"""A deeper network."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .errors import RecipeError
from .network_settings import widths_of
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class Deeper(Recipe):
    """Adds convolutions to every stage, or stages, or layers to a network without stages.

    Why:
        More layers build larger shapes out of smaller ones, at a lower cost than wider layers.
        Beyond some depth, a plain network trains worse, not better: normalisation, a careful
        initialiser and skip connections then carry it further.

    Source:
        L2 (which lists the number of layers among what is typically changed); Simonyan and
        Zisserman 2015 (twice the filters with each stage); He et al. 2015. The deck gives no
        numbers: one convolution per stage is ours.

    Clashes:
        None. Applied again, it adds again. Each added stage halves the image once more, and is
        refused if the image is too small for it; networks without convolutions have no stages.
    """

    level = "architecture"
    helps_against = ("under-fitting", "balanced", "validation-better")
    convolutions: int = setting(
        1,
        "convolutions added to each stage; in networks without convolutions, recurrent or dense "
        "layers added instead, each as wide as the last",
        whole=True,
        low=0,
        high=100,
        search=(1, 3),
    )
    stages: int = setting(
        0,
        "stages added after the last, each with twice the filters of the one before",
        whole=True,
        low=0,
        high=10,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the convolutions, stages or layers added.

        Raises:
            RecipeError: if there is no stage whose filters could be doubled, or no layer whose
                width another could have.
        """
        # More layers in the head would not make a backbone deeper. So its filters are changed,
        # which it does not honour, and the recipe is refused.
        body = "filters" if blueprint.base == "backbone" else widths_of(blueprint.base)
        widths = getattr(blueprint, body)
        if self.stages and (body != "filters" or not widths):
            raise RecipeError(
                "deeper: there is no stage to double the filters of. "
                f"Received: stages={self.stages} for {body}={widths}"
            )
        if body != "filters":
            if self.convolutions and not widths:
                raise RecipeError(f"deeper: there is no layer to add others to in {body}=().")
            return blueprint.with_settings(**{body: (*widths, *widths[-1:] * self.convolutions)})
        added = tuple(widths[-1] * 2**number for number in range(1, self.stages + 1))
        return blueprint.with_settings(
            filters=(*widths, *added), convolutions=blueprint.convolutions + self.convolutions
        )
