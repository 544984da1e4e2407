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
        Between two images the network is to say something in between, which keeps it from sharp
        turns that fit single images, and from being too sure. Training accuracy and cross-entropy
        are those of mixed images and labels, so read the clean ones. It needs more epochs.

    Formula:
        x' = s x + (1 - s) x2 and y' = s y + (1 - s) y2 for an image x with the label y and another
        of its batch, with s drawn from Beta(alpha, alpha) for each image.

    Source:
        Beyond the decks, whose data tricks (L4) keep each label; Zhang et al. 2018, mixup: Beyond
        Empirical Risk Minimization (share from Beta(alpha, alpha); alpha 0.2 there on ImageNet, 1
        on CIFAR-10), with a share for each image.

    Clashes:
        cutmix, a recipe that sets the loss, and regressions. Batches of one. Goes with
        label_smoothing and class_weight.
    """

    level = "data"
    helps_against = ("over-fitting", "balanced")
    alpha: float = setting(
        0.2,
        "of the share's Beta(alpha, alpha); 1 is uniform, 0 is off",
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
