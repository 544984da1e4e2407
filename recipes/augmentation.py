"""Augmentation of the training images by flips, shifts, crops and rotations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint, Slot
from .checks import check_choice, check_fraction, check_positive, check_whole
from .config import Config
from .errors import RecipeError
from .recipe import Recipe


@dataclass(frozen=True)
class Augmentation(Recipe):
    """Flips, shifts, crops and rotates the training images at random, anew in each epoch.

    Why:
        The network rarely sees the same picture twice, so it has less to memorise and learns what
        the moves leave as it is. Only use moves that keep the label true: a mirrored cat is a cat,
        a mirrored 7 is not a 7. It needs more steps than training without.

    Source:
        L3, trick 5 (horizontal flip, crop and resize: validation accuracy about 90.6 %) and trick
        7 (crop 32 with padding 2, flip 0.5, rotation 5 degrees); L0, L1, L2, L4. The deck gives
        no scale for crop and resize: areas from 0.64 are ours.

    Settings:
        flip_probability: share of the images mirrored left to right, 0..1.
        shift_pixels: largest shift in either direction, drawn uniformly, in pixels (bilinear).
        crop_padding_pixels: as padding by that many pixels and cropping back to size: a shift by
            whole pixels, exact to the pixel.
        crop_area_min: smallest share of the area kept by crop and resize, above 0 to 1 (1 is off).
        rotation_degrees: largest rotation in either direction, drawn uniformly, in degrees.
        fill_mode: what comes in at the border: "constant" (0 of the scaled image), "nearest",
            "reflect" or "wrap".

    Clashes:
        None. Applied again it replaces its former self.
    """

    flip_probability: float = 0.5
    shift_pixels: float = 0.0
    crop_padding_pixels: int = 0
    crop_area_min: float = 0.64
    rotation_degrees: float = 0.0
    fill_mode: Literal["constant", "nearest", "reflect", "wrap"] = "constant"

    def __post_init__(self) -> None:
        check_fraction(self, "flip_probability")
        check_positive(self, "shift_pixels", zero=True)
        check_whole(self, "crop_padding_pixels")
        check_fraction(self, "crop_area_min")
        check_positive(self, "crop_area_min")
        check_positive(self, "rotation_degrees", zero=True)
        if self.rotation_degrees > 180:
            raise RecipeError(
                "augmentation: rotation_degrees must not be above 180. "
                f"Received: rotation_degrees={self.rotation_degrees}"
            )
        check_choice(self, "fill_mode", ("constant", "nearest", "reflect", "wrap"))

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with one warp of the training images, before any noise."""
        moves = (self.flip_probability, self.shift_pixels, self.crop_padding_pixels)
        if not any(moves) and self.crop_area_min == 1 and self.rotation_degrees == 0:
            return blueprint.empty("transforms", self.name)
        warp = Config.of("trickbook.layers:RandomAffine", **self.settings())
        return blueprint.fill("transforms", Slot(self.name, warp, order=40))
