"""Label smoothing."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class LabelSmoothing(Recipe):
    """Spreads a share of each label over all classes in the loss.

    Why:
        If the target is exactly 1, no logits are ever large enough, and the network grows ever more
        certain of what it has memorised. With 1 - epsilon + epsilon / K for the true class and
        epsilon / K for the others of K classes, the best logits are finite. The loss is then not
        the cross-entropy: to compare with a training without it, use the cross-entropy, not the
        loss.

    Source:
        Szegedy et al. 2016, Rethinking the Inception Architecture (epsilon 0.1). Not in the decks;
        L4 gives the cross-entropy that it changes. A slip in L4: in the cross-entropy of two
        classes a bracket closes too late; it is the mean of -(y log p + (1 - y) log(1 - p)).

    Clashes:
        A recipe that sets the loss, and regressions. It works together with class_weight.
    """

    level = "training"
    helps_against = ("over-fitting",)
    epsilon: float = setting(
        0.1,
        "share of each label spread over all classes",
        low=0,
        high=1,
        without_high=True,
        search=(0.01, 0.3),
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with smoothed labels in its loss."""
        return blueprint.with_settings(label_smoothing=self.epsilon)
