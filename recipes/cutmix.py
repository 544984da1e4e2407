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
        As erasing a part it keeps the network from leaning on one detail, and no pixel is wasted on
        nothing. Training accuracy and cross-entropy are those of mixed images and labels, so read
        the clean ones. It needs more epochs.

    Source:
        Beyond the decks, whose L3 erases squares; Yun et al. 2019, CutMix (share from Beta(1, 1),
        rectangle of the image's proportions, cut off at the border), with a share for each image.

    Clashes:
        mixup, a recipe that sets the loss, and regressions. Batches of one. Goes with
        label_smoothing and class_weight.
    """

    level = "data"
    helps_against = ("over-fitting", "balanced")
    alpha: float = setting(
        1.0,
        "of the share's Beta(alpha, alpha); 1 is uniform, 0 is off",
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
