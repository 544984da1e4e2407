"""A longer training."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import LARGEST, setting


@dataclass(frozen=True)
class Longer(Recipe):
    """Multiplies the number of epochs.

    Why:
        If the validation figures still improve at the end, the network has not been trained long
        enough. Regularisers slow training down, so they need more steps to pay off. The time of a
        run grows with the factor: weigh the gain against what else that time could buy.

    Source:
        L0 ("New model or keep training?"), L4 (the training and validation losses are a good hint
        at the right number of epochs). The decks give no factor: 2 is ours.

    Clashes:
        None. Applied again, it multiplies again. Lengths that a schedule gives in epochs stay as
        they are.
    """

    level = "training"
    helps_against = ("improving", "under-fitting", "unread")
    factor: float = setting(
        2.0,
        "factor on the number of epochs; the result is rounded, to 1 or more",
        low=0,
        without_low=True,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with another number of epochs."""
        epochs = max(1, min(round(blueprint.epochs * self.factor), LARGEST))
        return blueprint.with_settings(epochs=epochs)
