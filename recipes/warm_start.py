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
        What a network has learnt from similar data need not be learnt again, which pays most where
        new examples are few. It forgets what the new data do not ask for (catastrophic forgetting),
        and the report tells how much, if the old data are still available. Weights are matched by
        the layers' names and shapes. A last layer for other classes, and anything else that does
        not fit, starts as it would without this recipe. All seeds start from the same weights and
        differ only in order and draws.

    Source:
        L0 names continued learning, and no more; McCloskey and Cohen 1989 (catastrophic
        interference).

    Clashes:
        A recipe that sets the scaling, as the weights expect the scaling of their own run, which is
        kept; initializer with kind="lsuv", which sets all weights anew; transfer, which also says
        what weights start from. The layers at the front of the run's network (whitening,
        patch_whitening, scaling by each image's own values) must be here, too, by the same recipes
        with the same settings, and no others.
    """

    level = "training"
    helps_against = ("over-fitting", "under-fitting")
    run: str = setting("", "folder of the run to go on with, such as DIR/runs/NAME", text=True)

    @classmethod
    def example(cls) -> Recipe:
        """Returns the recipe with some run."""
        return cls(run="DIR/runs/NAME")

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the run to start from."""
        if not self.run:
            raise RecipeError(
                "warm_start: say which run to go on with, as in "
                '{ use = "warm_start", run = "DIR/runs/NAME" }.'
            )
        return blueprint.with_settings(warm_start=self.run)
