"""A few operations drawn for each training image, all at one magnitude."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class RandAugment(Recipe):
    """Changes each training image by a few operations drawn at random, all at one magnitude.

    Why:
        Two numbers replace a range for every kind of augmentation: how many operations, and how
        strong. They can be tuned like any setting, and larger networks and data sets tolerate more.
        Each image draws its own operations from identity, rotation, shear and translation along
        either axis, brightness, contrast, and a separate brightness for each channel.

    Source:
        Not in the decks, which list the single changes (L0, L1, L2, L4). Cubuk et al. 2020,
        RandAugment (on CIFAR-10 3 operations, at 4 for a small and 5 for a large Wide-ResNet; 2 at
        5 is ours). Of its list, this recipe has the operations that one warp and one colour map can
        do. Colours change before moves, so that an image is warped only once.

    Clashes:
        None. With `augmentation` there is still one warp, with the border that `augmentation` asks
        for; without it, the border is 0 in the scaled image.
    """

    level = "data"
    helps_against = ("over-fitting", "balanced")
    operations: int = setting(2, "operations per image; 0 is off", whole=True, low=0, high=10)
    magnitude: float = setting(
        5.0,
        "magnitude of all operations; 10 is 30 degrees, a slope of 0.3, 0.45 of the size, a factor "
        "of 0.1 or 1.9; 0 is off",
        low=0,
        high=10,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the operations after other augmentation, before any noise."""
        if self.operations == 0 or self.magnitude == 0:
            return blueprint.empty("transforms", self.name)
        layer = Config.of(
            "trickbook.layers:RandomAugmentation",
            operations=self.operations,
            operation_magnitude=self.magnitude,
        )
        return blueprint.fill("transforms", Slot(self.name, layer, order=45))
