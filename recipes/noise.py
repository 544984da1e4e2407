"""Noise on the training images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .errors import RecipeError
from .recipe import Recipe
from .setting_checks import check_choice, check_fraction, check_number, check_positive
from .slot import Slot


@dataclass(frozen=True)
class Noise(Recipe):
    """Adds noise to the training images: a square erased at random, or Gaussian noise.

    Why:
        "Learn hard": a network that must do without a part of the image cannot lean on one detail
        and over-fits later. Like every trick that makes training harder, it needs more steps.

    Source:
        L3, trick 1 (random erasing, p 0.75, square areas of 0.01 to 0.3, value 0: validation
        accuracy about 78 % -> 80 %); Zhong et al. 2017, Random Erasing Data Augmentation.

    Settings:
        kind: "erasing" or "gaussian".
        probability: share of the images that are erased, 0..1 (erasing).
        area_min, area_max: erased share of the image's area, drawn uniformly, 0..1 (erasing).
        value: what is put there, in units of the scaled image; 0 is the channel's mean under
            "standardize" (erasing).
        stddev: deviation of the noise, in units of the scaled image (gaussian).

    Clashes:
        None. Applied again it replaces its former self.
    """

    kind: Literal["erasing", "gaussian"] = "erasing"
    probability: float = 0.75
    area_min: float = 0.01
    area_max: float = 0.3
    value: float = 0.0
    stddev: float = 0.1

    def __post_init__(self) -> None:
        check_choice(self, "kind", ("erasing", "gaussian"))
        for setting in ("probability", "area_min", "area_max"):
            check_fraction(self, setting)
        if self.area_min > self.area_max:
            raise RecipeError(
                f"noise: area_min must not be above area_max. "
                f"Received: area_min={self.area_min}, area_max={self.area_max}"
            )
        check_number(self, "value")
        check_positive(self, "stddev", zero=True)

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
