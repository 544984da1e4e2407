"""Augmentation of the training images: flips, shifts, crops, rotations, colours and the like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .blueprint import Blueprint
from .config import Config
from .errors import RecipeError
from .recipe import Recipe
from .setting import setting
from .slot import Slot

# The settings that a blueprint with augmentation holds even when they are off, since the first
# version.
_FIRST = (
    *("flip_probability", "shift_pixels", "crop_padding_pixels", "crop_area_min"),
    *("rotation_degrees", "zoom", "shear", "brightness", "contrast", "channel_shift", "fill_mode"),
)
# Settings for the same thing in different units; at most one of each group may be on.
_EXCLUSIVE = (
    ("shift_pixels", "height_shift"),
    ("shift_pixels", "width_shift"),
    ("zoom", "height_zoom"),
    ("zoom", "width_zoom"),
    ("shear", "shear_degrees"),
    ("brightness", "brightness_raw", "brightness_range"),
    ("channel_shift", "channel_shift_raw"),
)


@dataclass(frozen=True)
class Augmentation(Recipe):
    """Moves, distorts and colours the training images at random, anew in each epoch.

    Why:
        The network rarely sees the same picture twice, so it can memorise less and learns what the
        changes leave intact. Use only changes that keep the label true: a mirrored cat is a cat, a
        mirrored 7 is not a 7. Training needs more steps than without augmentation.

    Source:
        L3, trick 5 (horizontal flip, crop and resize: validation accuracy about 90.6 %) and trick
        7 (crop 32 with padding 2, flip 0.5, rotation 5 degrees). There, raw images are shifted
        before they are rotated, with nearest-pixel sampling and a black border. Here, scaled images
        are rotated first, with bilinear sampling and a border of 0, which is the channel's mean
        under "standardize". L0 (translate by 32 pixels, rotate by 45 or 90 degrees, shear by 25 or
        45), L1, L2 (zoom), L4 (the list of Keras's ImageDataGenerator). The deck gives no scale for
        crop and resize: areas from 0.64 are ours. Alternating flips: Jordan 2024 (arXiv
        2404.00498), together with shifts of up to 2 whole pixels (crop_padding_pixels) and a
        mirrored border (fill_mode mirror).

    Clashes:
        None. Applied again, it replaces its earlier settings. `rand_augment` adds its operations to
        the same warp.
    """

    level = "data"
    helps_against = ("over-fitting", "balanced")
    flip_probability: float = setting(
        0.5, "share of the images mirrored left to right", low=0, high=1
    )
    shift_pixels: float = setting(
        0.0,
        "largest shift in either direction, drawn uniformly, in pixels (bilinear)",
        low=0,
        search=(0.5, 4.0),
    )
    crop_padding_pixels: int = setting(
        0,
        "largest shift by whole pixels in either direction, like padding by that many pixels and "
        "cropping back to size; exact to the pixel if nothing else moves the image",
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
        search=(1.0, 45.0),
        scale="log",
    )
    zoom: float = setting(
        0.0,
        "largest relative change of the extent shown; 0.2 shows 80 % to 120 % of height and width",
        low=0,
        high=1,
        without_high=True,
        search=(0.02, 0.5),
        scale="log",
    )
    shear: float = setting(
        0.0,
        "largest slope of the rows, and of the columns, in pixels per pixel",
        low=0,
        high=1,
        without_high=True,
        search=(0.02, 0.5),
        scale="log",
    )
    brightness: float = setting(
        0.0,
        "largest amount added or subtracted, in units of the scaled image",
        low=0,
        search=(0.02, 1.0),
        scale="log",
    )
    contrast: float = setting(
        0.0,
        "largest relative change of the distance to the channel's mean",
        low=0,
        high=1,
        search=(0.02, 0.8),
        scale="log",
    )
    channel_shift: float = setting(
        0.0,
        "largest amount added to or subtracted from each channel separately, in units of the "
        "scaled image",
        low=0,
    )
    fill_mode: Literal["constant", "nearest", "reflect", "mirror", "wrap"] = setting(
        "constant",
        'what fills the area beyond the border; "constant" is fill_value, "reflect" repeats the '
        'pixel at the border and "mirror" does not',
        choices=("constant", "nearest", "reflect", "mirror", "wrap"),
    )

    vertical_flip_probability: float = setting(
        0.0, "share of the images mirrored top to bottom", low=0, high=1
    )
    height_shift: float | tuple[float, ...] = setting(
        0.0,
        "largest shift up or down, in place of shift_pixels: below 1 a fraction of the height, "
        "otherwise pixels; or a list of shifts to draw from",
        low=0,
        or_several=True,
    )
    width_shift: float | tuple[float, ...] = setting(
        0.0, "the same to the left or right, as to the width", low=0, or_several=True
    )
    height_zoom: float = setting(
        0.0, "zoom of the height alone, in place of zoom", low=0, high=1, without_high=True
    )
    width_zoom: float = setting(
        0.0, "zoom of the width alone, drawn separately", low=0, high=1, without_high=True
    )
    shear_degrees: float = setting(
        0.0,
        "largest angle by which vertical lines lean, in degrees, in place of shear",
        low=0,
        high=45,
    )
    brightness_raw: float = setting(
        0.0, "brightness in units of the raw pixels, such as 0..255", low=0
    )
    brightness_range: tuple[float, ...] = setting(
        (1.0, 1.0),
        "smallest and largest factor of the raw pixels' distance to black, in place of brightness; "
        "1, 1 is off",
        several=True,
        low=0,
        high=10,
    )
    channel_shift_raw: float = setting(
        0.0, "channel_shift in units of the raw pixels, such as 0..255", low=0
    )
    fill_value: float = setting(
        0.0, 'fill value for fill_mode "constant", in units of the scaled image'
    )
    flip_order: Literal["random", "alternating"] = setting(
        "random",
        "when an image is mirrored left to right: by chance in each epoch, or in every second "
        "epoch (alternating), which needs a flip_probability of 0.5",
        choices=("random", "alternating"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.brightness_range if len(self.brightness_range) == 2 else (1.0, 0.0)
        if low > high:
            raise RecipeError(
                "augmentation: brightness_range must be two factors, the smaller one first. "
                f"Received: brightness_range={self.brightness_range}"
            )
        for group in _EXCLUSIVE:
            on = [name for name in group if name in self._changed()]
            if len(on) > 1:
                raise RecipeError(
                    f"augmentation: {' and '.join(on)} exclude each other. Keep one of them."
                )
        if self.fill_value and self.fill_mode != "constant":
            raise RecipeError(
                'augmentation: fill_value is for fill_mode "constant". '
                f"Received: fill_mode={self.fill_mode!r}, fill_value={self.fill_value}"
            )

        if self.flip_order == "alternating" and self.flip_probability != 0.5:
            raise RecipeError(
                "augmentation: flip_order must be random where flip_probability is not 0.5. "
                f"Received: flip_order={self.flip_order!r}"
            )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the augmentation of the training images, before any noise."""
        if self._is_off():
            return blueprint.empty("transforms", self.name)
        layer = Config.of("trickbook.layers:RandomAugmentation", **self._arguments())
        return blueprint.fill("transforms", Slot(self.name, layer, order=40))

    def _is_off(self) -> bool:
        return self._changed().keys() <= {"fill_mode", "fill_value"}

    def _changed(self) -> dict[str, Any]:
        """Returns the settings that are not off."""
        off = {
            "fill_mode": "constant",
            "crop_area_min": 1.0,
            "brightness_range": (1.0, 1.0),
            "flip_order": "random",
        }
        return {name: value for name, value in self.settings().items() if value != off.get(name, 0)}

    def _arguments(self) -> dict[str, Any]:
        """Returns the settings, without those of later versions that are off.

        So the fingerprints of earlier blueprints do not change.
        """
        changed = self._changed()
        return {
            name: value
            for name, value in self.settings().items()
            if name in _FIRST or name in changed
        }
