"""What the weights start from."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .errors import RecipeError
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class WarmStart(Recipe):
    """Goes on with the network of a run that was trained on other data.

    Why:
        What a network has learnt of like data need not be learnt anew, which pays most where new
        examples are few. It forgets of the old what the new does not ask for (catastrophic
        forgetting), and the report tells how much, where the old data can still be had. Weights are
        taken by the layers' names and shapes; a last layer for other classes, and what else does
        not fit, starts as without. All seeds start from the same weights: they differ in order and
        draws alone.

    Source:
        L0 names continued learning, and no more; McCloskey and Cohen 1989 (catastrophic
        interference).

    Clashes:
        A recipe that sets the scaling, for the weights expect that of their own run, which is kept;
        initializer with kind="lsuv", which sets all weights anew; transfer, which says too what
        weights start from. What stood at the front of the run's network (whitening,
        patch_whitening, scaling by each image's own values) must stand here too, by the same recipe
        with the same settings, and nothing else.
    """

    level = "training"
    helps_against = ("over-fitting", "under-fitting")
    run: str = setting("", "folder of the run to go on with, as DIR/runs/NAME", text=True)

    @classmethod
    def example(cls) -> Recipe:
        """Returns the recipe with some run."""
        return cls(run="DIR/runs/NAME")

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the run to start from."""
        if not self.run:
            raise RecipeError(
                "warm_start: say which run to go on with, as "
                '{ use = "warm_start", run = "DIR/runs/NAME" }.'
            )
        return blueprint.with_settings(warm_start=self.run)
