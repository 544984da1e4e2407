"""Geometric augmentation as one warp per image."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from .draws import between
from .warp import FILL_MODES, warp


@keras.saving.register_keras_serializable(package="trickbook")
class RandomAffine(keras.layers.Layer):
    """Flips, shifts, crops and rotates each image with one warp.

    Keras's layers warp once each and draw as they go; this one composes all moves into one matrix
    per image and takes its draws as an input, so that they can be a function of (seed, epoch,
    image). Moves by whole pixels and flips are exact to the pixel.

    Args:
        flip_probability: share of the images mirrored left to right, 0..1.
        shift_pixels: largest shift in either direction along each axis, in pixels.
        crop_padding_pixels: largest shift by whole pixels in either direction along each axis, as
            padding the image on all sides and cropping back to size.
        crop_area_min: smallest share of the image's area that crop and resize keeps, 0..1.
        rotation_degrees: largest rotation in either direction about the centre, in degrees.
        fill_mode: "constant" (0), "nearest", "reflect" or "wrap", as in `scipy.ndimage`'s
            "grid-constant", "nearest", "reflect" and "grid-wrap".

    Call arguments:
        images: (n, height, width, channels), any range.
        draws: uniform draws in 0..1, (n, `RandomAffine.draws`).
    """

    draws = 9

    def __init__(
        self,
        flip_probability: float = 0.0,
        shift_pixels: float = 0.0,
        crop_padding_pixels: int = 0,
        crop_area_min: float = 1.0,
        rotation_degrees: float = 0.0,
        fill_mode: str = "constant",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if fill_mode not in FILL_MODES:
            raise ValueError(
                f"fill_mode must be one of {', '.join(FILL_MODES)}. Received: {fill_mode=!s}"
            )
        self.flip_probability = flip_probability
        self.shift_pixels = shift_pixels
        self.crop_padding_pixels = crop_padding_pixels
        self.crop_area_min = crop_area_min
        self.rotation_degrees = rotation_degrees
        self.fill_mode = fill_mode

    def call(self, images: Any, draws: Any) -> Any:
        """Returns the warped images, (n, height, width, channels)."""
        height, width = images.shape[1:3]
        is_exact = not self.shift_pixels and not self.rotation_degrees and self.crop_area_min == 1
        return warp(
            images,
            self._matrices(draws, height, width),
            fill_mode=self.fill_mode,
            interpolation="nearest" if is_exact else "bilinear",
        )

    def _matrices(self, draws: Any, height: int, width: int) -> Any:
        """Returns per image the 2x3 matrix from output to input pixels, from the centre.

        Rows are (y, x). An output pixel is first scaled and moved into the crop, then shifted,
        rotated and mirrored: the image is mirrored first, then rotated, shifted and cropped.
        """
        columns = [draws[:, i] for i in range(self.draws)]
        flip, shift_y, shift_x, pad_y, pad_x, area, crop_y, crop_x, turn = columns
        scale = ops.sqrt(between(area, self.crop_area_min, 1.0))
        room_y, room_x = (1.0 - scale) * height, (1.0 - scale) * width
        places = 2 * self.crop_padding_pixels + 1
        move_y = (
            (crop_y - 0.5) * room_y
            + between(shift_y, -self.shift_pixels, self.shift_pixels)
            + ops.floor(pad_y * places)
            - self.crop_padding_pixels
        )
        move_x = (
            (crop_x - 0.5) * room_x
            + between(shift_x, -self.shift_pixels, self.shift_pixels)
            + ops.floor(pad_x * places)
            - self.crop_padding_pixels
        )
        angle = between(turn, -self.rotation_degrees, self.rotation_degrees) * math.pi / 180.0
        cos, sin = ops.cos(angle), ops.sin(angle)
        mirror = ops.where(flip < self.flip_probability, -1.0, 1.0)
        rows = [
            [cos * scale, sin * scale, cos * move_y + sin * move_x],
            [
                -mirror * sin * scale,
                mirror * cos * scale,
                mirror * (cos * move_x - sin * move_y),
            ],
        ]
        return ops.stack([ops.stack(row, axis=-1) for row in rows], axis=1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {
            **super().get_config(),
            "flip_probability": self.flip_probability,
            "shift_pixels": self.shift_pixels,
            "crop_padding_pixels": self.crop_padding_pixels,
            "crop_area_min": self.crop_area_min,
            "rotation_degrees": self.rotation_degrees,
            "fill_mode": self.fill_mode,
        }
