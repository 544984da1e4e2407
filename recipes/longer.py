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
        A network whose validation still improves at the end has not been trained to its end; and
        each regulariser slows training down, so that it needs more steps to pay. The time of a run
        grows with the factor: what is gained must be held against what else that time buys.

    Source:
        L0 ("New model or keep training?"), L4 (of the right number of epochs the training and
        validation losses are a good hint). The decks give no factor: 2 is ours.

    Clashes:
        None. Applied again it multiplies again. A length that a schedule gives in epochs stays as
        it is.
    """

    level = "training"
    helps_against = ("improving", "under-fitting", "unread")
    factor: float = setting(
        2.0, "the epochs are multiplied by it and rounded, to 1 or more", low=0, without_low=True
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with another number of epochs."""
        epochs = max(1, min(round(blueprint.epochs * self.factor), LARGEST))
        return blueprint.with_settings(epochs=epochs)
