"""Noise on the training images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .errors import RecipeError
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class Noise(Recipe):
    """Adds noise to the training images: a square erased at random, or Gaussian noise.

    Why:
        "Learn hard": a network that must do without a part of the image cannot rely on one detail,
        and over-fits later. Like every trick that makes training harder, it needs more steps.

    Source:
        L3, trick 1 (random erasing, p 0.75, square areas of 0.01 to 0.3, value 0: validation
        accuracy about 78 % -> 80 %); Zhong et al. 2017, Random Erasing Data Augmentation. Gaussian
        noise is not in the decks: Bishop 1995, Training with Noise Is Equivalent to Tikhonov
        Regularization; its standard deviation, 0.1, is ours.

    Clashes:
        None. Applied again, it replaces its earlier settings.
    """

    level = "data"
    helps_against = ("over-fitting",)
    kind: Literal["erasing", "gaussian"] = setting(
        "erasing", "which noise", choices=("erasing", "gaussian")
    )
    probability: float = setting(
        0.75,
        "share of the images that are erased",
        low=0,
        high=1,
        of_kinds=("erasing",),
        search=(0.1, 1.0),
    )
    area_min: float = setting(
        0.01,
        "smallest erased share of the image's area; shares are drawn uniformly",
        low=0,
        high=1,
        of_kinds=("erasing",),
    )
    area_max: float = setting(
        0.3,
        "largest erased share of the image's area",
        low=0,
        high=1,
        of_kinds=("erasing",),
        search=(0.05, 0.5),
    )
    value: float = setting(
        0.0,
        "value of the erased pixels, in units of the scaled image; 0 is the channel's mean under "
        '"standardize"',
        of_kinds=("erasing",),
    )
    stddev: float = setting(
        0.1,
        "standard deviation of the noise, in units of the scaled image",
        low=0,
        of_kinds=("gaussian",),
        search=(0.01, 0.5),
        scale="log",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.area_min > self.area_max:
            raise RecipeError(
                f"noise: area_min must not be above area_max. "
                f"Received: area_min={self.area_min}, area_max={self.area_max}"
            )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the noise as a train-only transform, after any warp."""
        if (self.probability if self.kind == "erasing" else self.stddev) == 0:
            return blueprint.empty("transforms", self.name)
        if self.kind == "erasing":
            layer = Config.of(
                "trickbook.layers:RandomAugmentation",
                erasing_probability=self.probability,
                erasing_area=(self.area_min, self.area_max),
                erasing_value=self.value,
            )
        else:
            layer = Config.of("trickbook.layers:RandomGaussianNoise", stddev=self.stddev)
        return blueprint.fill("transforms", Slot(self.name, layer, order=60))
