"""A rectangle of another image in each training image, and their labels mixed."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class Cutmix(Recipe):
    """Puts a rectangle of another image of the batch into each, and mixes labels by its area.

    Why:
        Like random erasing, it keeps the network from relying on one detail, and no pixel is wasted
        on an empty patch. Accuracy and cross-entropy in training are those of mixed images and
        labels, so read the figures named train_clean instead. It needs more epochs.

    Source:
        Not in the decks, whose L3 erases squares. Yun et al. 2019, CutMix (share from Beta(1, 1),
        rectangle of the image's proportions, cut off at the border); here, each image has its own
        share.

    Clashes:
        mixup, a recipe that sets the loss, and regressions. Batches of one image. It works together
        with label_smoothing and class_weight.
    """

    level = "data"
    helps_against = ("over-fitting", "balanced")
    alpha: float = setting(
        1.0,
        "parameter of Beta(alpha, alpha), which shares are drawn from; 1 is uniform, 0 is off",
        low=0,
        search=(0.1, 2.0),
        scale="log",
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with images mixed after all transforms."""
        if self.alpha == 0:
            return blueprint.empty("mixing", self.name)
        layer = Config.of("trickbook.layers:CutMix", alpha=self.alpha)
        return blueprint.fill("mixing", Slot(self.name, layer))
