"""Smaller logits."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class LogitScaling(Recipe):
    """Multiplies what goes into the last layer, so that its logits begin small.

    Why:
        With large logits at the start, the network is certain of what it has not learnt, and the
        first steps only undo this. With smaller ones, the softmax begins near equal shares, and the
        last layer learns more slowly than the others, as with a lower rate.

    Source:
        Jordan 2024 (arXiv 2404.00498), after Page 2019, How to Train Your ResNet: logits times
        1/9. Not in the decks; the logits go into L4's softmax. Here, the inputs of the last dense
        layer are multiplied, which is the same except for its bias.

    Clashes:
        initializer with kind="lsuv", which gives the logits variance 1 whatever they are multiplied
        by. Normalised features, or weight decay on the last layer, have much the same effect.
    """

    level = "architecture"
    helps_against = ("diverged",)
    factor: float = setting(
        1 / 9, "factor on the inputs of the last dense layer", low=0, without_low=True
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the factor."""
        return blueprint.with_settings(logit_scale=self.factor)
