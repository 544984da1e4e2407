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
        Where one class has most of the examples, calling all of them that class has a low loss.
        With balanced weights each class counts alike however few examples it has. Accuracy mostly
        falls a little and balanced accuracy rises: let the latter decide where that is the aim
        (decides = "balanced_accuracy" in a ladder's [task]). Weights are noisy where a class has
        but a handful of examples.

    Source:
        Beyond the decks, which say to pick the metric that the task asks for (L1). King and Zeng
        2001, Logistic Regression in Rare Events Data; "balanced" is n / (K n_k) for n_k of n
        training examples of K classes, as scikit-learn has it. The weight is that of the true
        class; a mixed label's is mixed alike.

    Clashes:
        A recipe that sets the loss, and regressions. Goes with label_smoothing. A class that the
        data do not have is refused before anything trains.
    """

    level = "data"
    weights: str | Mapping[str, float] = setting(
        "balanced",
        "what examples of each class count; classes that are not named count 1",
        choices=("balanced",),
        by_name=True,
        low=0,
        without_low=True,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the weights."""
        return blueprint.with_settings(class_weight=self.weights)
