"""Augmentation of the training images: flips, shifts, crops, rotations, colours and the like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
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

    Clashes:
        None. Applied again it replaces its former self.
    """

    level = "data"
    flip_probability: float = setting(
        0.5, "share of the images mirrored left to right", low=0, high=1
    )
    shift_pixels: float = setting(
        0.0, "largest shift in either direction, drawn uniformly, in pixels (bilinear)", low=0
    )
    crop_padding_pixels: int = setting(
        0,
        "as padding by that many pixels and cropping back to size: a shift by whole pixels, exact "
        "to the pixel",
        low=0,
        whole=True,
    )
    crop_area_min: float = setting(
        0.64,
        "smallest share of the area kept by crop and resize; 1 is off",
        low=0,
        high=1,
        without_low=True,
    )
    rotation_degrees: float = setting(
        0.0,
        "largest rotation in either direction, drawn uniformly, in degrees",
        low=0,
        high=180,
    )
    zoom: float = setting(
        0.0,
        "largest change of the extent shown, as a fraction of it; 0.2 shows 80 % to 120 % of "
        "height and width",
        low=0,
        high=1,
        without_high=True,
    )
    shear: float = setting(
        0.0,
        "largest slope of the rows, and of the columns, in pixels per pixel",
        low=0,
        high=1,
        without_high=True,
    )
    brightness: float = setting(
        0.0, "largest amount added or taken away, in units of the scaled image", low=0
    )
    contrast: float = setting(
        0.0,
        "largest change of the distance to the channel's mean, as a fraction of it",
        low=0,
        high=1,
    )
    channel_shift: float = setting(
        0.0,
        "largest amount added to or taken from each channel apart, in units of the scaled image",
        low=0,
    )
    fill_mode: Literal["constant", "nearest", "reflect", "wrap"] = setting(
        "constant",
        'what comes in at the border; "constant" is 0 of the scaled image',
        choices=("constant", "nearest", "reflect", "wrap"),
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the augmentation of the training images, before any noise."""
        if self._is_off():
            return blueprint.empty("transforms", self.name)
        layer = Config.of("trickbook.layers:RandomAugmentation", **self.settings())
        return blueprint.fill("transforms", Slot(self.name, layer, order=40))

    def _is_off(self) -> bool:
        off = {"fill_mode": self.fill_mode, "crop_area_min": 1.0}
        return all(value == off.get(name, 0) for name, value in self.settings().items())
