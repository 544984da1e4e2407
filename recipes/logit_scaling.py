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
        Large logits at the start are certain of what they have not learnt, and the first steps
        only undo it. Smaller ones let the softmax begin near equal shares, and make the last layer
        learn more slowly than the others, as with a lower rate.

    Source:
        Jordan 2024 (arXiv 2404.00498), after Page 2019, How to Train Your ResNet: logits times
        1/9. Beyond the decks; L4's softmax is what they go into. Here the inputs of the last dense
        layer are multiplied, which is the same but for its bias.

    Clashes:
        initializer with kind="lsuv", which gives the logits variance 1 whatever they are multiplied
        by. Normalised features, or a weight decay on the last layer, do much the same.
    """

    level = "architecture"
    helps_against = ("diverged",)
    factor: float = setting(1 / 9, "what they are multiplied by", low=0, without_low=True)

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the factor."""
        return blueprint.with_settings(logit_scale=self.factor)
