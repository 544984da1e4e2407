"""Weighted means of two training images and of their labels."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class Mixup(Recipe):
    """Mixes each training image with another of its batch, and their labels in the same shares.

    Why:
        Between two images, the network should predict something in between. This keeps it from
        sharp turns that fit single images, and from being too certain. Accuracy and cross-entropy
        in training are those of mixed images and labels, so read the figures named train_clean
        instead. It needs more epochs.

    Formula:
        x' = s x + (1 - s) x2 and y' = s y + (1 - s) y2 for an image x with the label y and another
        image x2 of its batch with the label y2. The share s is drawn from Beta(alpha, alpha) for
        each image.

    Source:
        Not in the decks, whose data tricks (L4) keep each label. Zhang et al. 2018, mixup: Beyond
        Empirical Risk Minimization (share from Beta(alpha, alpha); alpha 0.2 there on ImageNet, 1
        on CIFAR-10); here, each image has its own share.

    Clashes:
        cutmix, a recipe that sets the loss, and regressions. Batches of one image. It works
        together with label_smoothing and class_weight.
    """

    level = "data"
    helps_against = ("over-fitting", "balanced")
    alpha: float = setting(
        0.2,
        "parameter of Beta(alpha, alpha), which shares are drawn from; 1 is uniform, 0 is off",
        low=0,
        search=(0.05, 1.0),
        scale="log",
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with images mixed after all transforms."""
        if self.alpha == 0:
            return blueprint.empty("mixing", self.name)
        layer = Config.of("trickbook.layers:MixUp", alpha=self.alpha)
        return blueprint.fill("mixing", Slot(self.name, layer))
