"""Weights of the classes in the loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class ClassWeight(Recipe):
    """Lets the examples of rare classes count more in the loss.

    Why:
        If most examples belong to one class, a network that always predicts this class already has
        a low loss. With balanced weights, every class counts equally, however few examples it has.
        Accuracy mostly falls a little and balanced accuracy rises: if the latter is your aim, let
        it decide (decides = "balanced_accuracy" in a ladder's [task]). Weights are noisy for a
        class with only a handful of examples.

    Source:
        Not in the decks, which say to pick the metric that the task asks for (L1). King and Zeng
        2001, Logistic Regression in Rare Events Data. "balanced" is n / (K n_k) for a class with
        n_k of the n training examples, out of K classes, as in scikit-learn. Each example has the
        weight of its true class; for a mixed label, the weights are mixed in the same shares.

    Clashes:
        A recipe that sets the loss, and regressions. It works together with label_smoothing. A
        class that the data do not have is refused before any training starts.
    """

    level = "data"
    weights: str | Mapping[str, float] = setting(
        "balanced",
        "weight of each class's examples in the loss; 1 for classes that are not named",
        choices=("balanced",),
        by_name=True,
        low=0,
        without_low=True,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the weights."""
        return blueprint.with_settings(class_weight=self.weights)
