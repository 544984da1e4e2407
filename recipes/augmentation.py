"""Augmentation of the training images: flips, shifts, crops, rotations, colours and the like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .errors import RecipeError
from .recipe import Recipe
from .setting_checks import check_choice, check_fraction, check_positive, check_whole
from .slot import Slot


@dataclass(frozen=True)
class Augmentation(Recipe):
    """Moves, distorts and colours the training images at random, anew in each epoch.

    Why:
        The network rarely sees the same picture twice, so it has less to memorise and learns what
        the changes leave as it is. Only use those that keep the label true: a mirrored cat is a
        cat, a mirrored 7 is not a 7. It needs more steps than training without.

    Source:
        L3, trick 5 (horizontal flip, crop and resize: validation accuracy about 90.6 %) and trick
        7 (crop 32 with padding 2, flip 0.5, rotation 5 degrees); L0 (shear), L1, L2 (zoom),
        L4 (brightness, channel shift, fill modes). The deck gives no scale for crop and resize:
        areas from 0.64 are ours.

    Settings:
        flip_probability: share of the images mirrored left to right, 0..1.
        shift_pixels: largest shift in either direction, drawn uniformly, in pixels (bilinear).
        crop_padding_pixels: as padding by that many pixels and cropping back to size: a shift by
            whole pixels, exact to the pixel.
        crop_area_min: smallest share of the area kept by crop and resize, above 0 to 1 (1 is off).
        rotation_degrees: largest rotation in either direction, drawn uniformly, 0..180 degrees.
        zoom: largest change of the extent shown, as a fraction of it, 0 to below 1; 0.2 shows 80 %
            to 120 % of height and width.
        shear: largest slope of the rows, and of the columns, in pixels per pixel, 0 to below 1.
        brightness: largest amount added or taken away, in units of the scaled image.
        contrast: largest change of the distance to the channel's mean, as a fraction of it, 0..1.
        channel_shift: largest amount added to or taken from each channel apart, in units of the
            scaled image.
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
    zoom: float = 0.0
    shear: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    channel_shift: float = 0.0
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
        check_fraction(self, "zoom", one=False)
        check_fraction(self, "shear", one=False)
        check_positive(self, "brightness", zero=True)
        check_fraction(self, "contrast")
        check_positive(self, "channel_shift", zero=True)
        check_choice(self, "fill_mode", ("constant", "nearest", "reflect", "wrap"))

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the augmentation of the training images, before any noise."""
        if self._is_off():
            return blueprint.empty("transforms", self.name)
        layer = Config.of("trickbook.layers:RandomAugmentation", **self.settings())
        return blueprint.fill("transforms", Slot(self.name, layer, order=40))

    def _is_off(self) -> bool:
        off = {"fill_mode": self.fill_mode, "crop_area_min": 1.0}
        return all(value == off.get(name, 0) for name, value in self.settings().items())
