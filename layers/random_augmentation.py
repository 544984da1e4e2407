"""Augmentation of images as one colour map, one warp and one mask."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from ..argument_checks import number_in, one_of, whole_number
from . import affine
from .draws import between, once, spread
from .square import square_mask
from .warp import FILL_MODES, INTERPOLATIONS, warp


class _Columns(NamedTuple):
    """What each column of the draws decides; their order is part of what repeats a training."""

    flip: Any
    shift_y: Any
    shift_x: Any
    padding_y: Any
    padding_x: Any
    crop_area: Any
    crop_y: Any
    crop_x: Any
    rotation: Any
    zoom: Any
    shear_y: Any
    shear_x: Any
    brightness: Any
    contrast: Any
    channel_shift: Any
    channel_shift_key: Any
    erasing: Any
    erasing_area: Any
    erasing_y: Any
    erasing_x: Any


@keras.saving.register_keras_serializable(package="trickbook")
class RandomAugmentation(keras.layers.Layer):
    """Colours, flips, turns, shears, zooms, shifts, crops and erases each image, in one pass.

    Keras's layers read and write the images once each, and their spatial ones do not compile. This
    one composes all moves into one matrix per image and warps once, after one affine map of the
    colours and before a mask; it compiles on TensorFlow, JAX and PyTorch. Whatever is not asked
    for is off. Each image has draws of its own.

    An image is first given its contrast, brightness and channel shift; then it is mirrored, turned
    about its centre, sheared, zoomed, shifted, and cropped and resized; then a square is erased.
    Flips and moves by whole pixels are exact to the pixel when nothing else moves the image.

    In a model the layer acts in training only and draws from a generator of its own. Anywhere else
    it can be given the draws, which may be a function of (seed, epoch, image), as those of
    `trickbook.layers.stateless_draws`; then it always acts.

    Args:
        flip_probability: share of the images mirrored left to right, 0..1.
        shift_pixels: largest shift in either direction along each axis, in pixels.
        crop_padding_pixels: largest shift by whole pixels in either direction along each axis, as
            padding the image on all sides and cropping back to size.
        crop_area_min: smallest share of the image's area that crop and resize keeps, above 0 to 1
            (1 is off).
        rotation_degrees: largest rotation in either direction, 0..180 degrees.
        zoom: largest change of the extent shown, as a fraction of it, 0 to below 1; 0.2 shows 80 %
            (enlarged) to 120 % (made smaller) of height and width.
        shear: largest slope of the rows, and of the columns, in either direction, in pixels per
            pixel, 0 to below 1.
        fill_mode: what comes in at the border: "constant" (0), "nearest", "reflect" or "wrap", as
            in `scipy.ndimage`'s "grid-constant", "nearest", "reflect" and "grid-wrap".
        interpolation: "bilinear", or "nearest" for the next pixel.
        brightness: largest amount added or taken away, in units of the images, 0 or above.
        contrast: largest change of the distance to the channel's mean over the image, as a
            fraction of it, 0..1.
        channel_shift: largest amount added to or taken from each channel apart, in units of the
            images, 0 or above.
        erasing_probability: share of the images in which a square is erased, 0..1.
        erasing_area: smallest and largest share of the image's area that is erased, 0..1. A square
            taller or wider than the image is cut to the image.
        erasing_value: what is put there, in units of the images.
        seed: of the layer's own generator, a whole number, or None for one by chance.

    All ranges are drawn from uniformly; the crop by area, with the image's aspect ratio.

    Call arguments:
        images: (n, height, width, channels), height and width fixed; any range. Whole numbers
            come back as the same type, rounded and kept within its range; floats as the layer's
            compute type, not clipped.
        draws: uniform draws in 0..1, (n, `RandomAugmentation.draws`), or None.
        training: whether to act without draws.

    Raises:
        ValueError: for an argument out of range, or images or draws of another shape.

    Source:
        Deck L3, tricks 1, 5 and 7, and deck L4's list of augmentations; Zhong et al. 2017,
        "Random Erasing Data Augmentation", with squares as in L3.

    Example:
    ```python
    augmentation = trickbook.layers.RandomAugmentation(
        flip_probability=0.5, shift_pixels=2, rotation_degrees=10, erasing_probability=0.5
    )
    model = keras.Sequential([keras.Input((32, 32, 3)), augmentation, network])
    ```
    """

    draws = len(_Columns._fields)

    def __init__(
        self,
        *,
        flip_probability: float = 0.0,
        shift_pixels: float = 0.0,
        crop_padding_pixels: int = 0,
        crop_area_min: float = 1.0,
        rotation_degrees: float = 0.0,
        zoom: float = 0.0,
        shear: float = 0.0,
        fill_mode: str = "constant",
        interpolation: str = "bilinear",
        brightness: float = 0.0,
        contrast: float = 0.0,
        channel_shift: float = 0.0,
        erasing_probability: float = 0.0,
        erasing_area: tuple[float, float] = (0.01, 0.3),
        erasing_value: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.flip_probability = number_in("flip_probability", flip_probability, 0, 1)
        self.shift_pixels = number_in("shift_pixels", shift_pixels, 0)
        self.crop_padding_pixels = whole_number("crop_padding_pixels", crop_padding_pixels)
        self.crop_area_min = number_in("crop_area_min", crop_area_min, 0, 1, without_low=True)
        self.rotation_degrees = number_in("rotation_degrees", rotation_degrees, 0, 180)
        self.zoom = number_in("zoom", zoom, 0, 1, without_high=True)
        self.shear = number_in("shear", shear, 0, 1, without_high=True)
        self.fill_mode = one_of("fill_mode", fill_mode, FILL_MODES)
        self.interpolation = one_of("interpolation", interpolation, INTERPOLATIONS)
        self.brightness = number_in("brightness", brightness, 0)
        self.contrast = number_in("contrast", contrast, 0, 1)
        self.channel_shift = number_in("channel_shift", channel_shift, 0)
        self.erasing_probability = number_in("erasing_probability", erasing_probability, 0, 1)
        self.erasing_area = _areas(erasing_area)
        self.erasing_value = number_in("erasing_value", erasing_value)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.input_spec = keras.layers.InputSpec(ndim=4)
        # Draws need all their bits, whatever the type that the network computes in.
        self.autocast = False

    def call(self, images: Any, draws: Any = None, training: bool | None = None) -> Any:
        """Returns the augmented images, (n, height, width, channels)."""
        is_whole = keras.backend.is_int_dtype(images.dtype)
        dtype = keras.backend.standardize_dtype(images.dtype) if is_whole else self.compute_dtype
        if draws is None:
            if not training:
                return ops.cast(images, dtype)
            shape = (ops.shape(images)[0], self.draws)
            draws = keras.random.uniform(shape, dtype="float32", seed=self.seed_generator)
        _check_shapes(images, draws, self.draws)
        columns = _Columns(*ops.unstack(ops.cast(draws, "float32"), self.draws, axis=1))
        images = ops.cast(images, keras.backend.result_type(images.dtype, "float32"))
        images = self._erased(self._moved(self._coloured(images, columns), columns), columns)
        return _rounded(images, dtype) if is_whole else ops.cast(images, dtype)

    def _coloured(self, images: Any, columns: _Columns) -> Any:
        """Returns the images with contrast, brightness and channel shift, as gain * x + bias."""
        if not (self.brightness or self.contrast or self.channel_shift):
            return images
        bias: Any = _symmetric(columns.brightness, self.brightness)[:, None]
        if self.channel_shift:
            keys = ops.stack([columns.channel_shift, columns.channel_shift_key], axis=1)
            bias = bias + _symmetric(once(spread(keys, images.shape[-1])), self.channel_shift)
        bias = ops.cast(bias, images.dtype)[:, None, None, :]
        if not self.contrast:
            return images + bias
        gain = 1.0 + ops.cast(_symmetric(columns.contrast, self.contrast), images.dtype)
        gain = gain[:, None, None, None]
        mean = ops.mean(images, axis=(1, 2), keepdims=True)
        return gain * images + (bias + (1.0 - gain) * mean)

    def _moved(self, images: Any, columns: _Columns) -> Any:
        """Returns the images resampled after all their moves at once."""
        moves = self._moves(columns, *images.shape[1:3])
        if not moves:
            return images
        return warp(
            images,
            affine.compose(moves),
            fill_mode=self.fill_mode,
            interpolation="nearest" if self._moves_whole_pixels() else self.interpolation,
        )

    def _moves_whole_pixels(self) -> bool:
        is_between = self.shift_pixels or self.rotation_degrees or self.zoom or self.shear
        return not is_between and self.crop_area_min == 1

    def _moves(self, columns: _Columns, height: int, width: int) -> list[affine.Move]:
        """Returns the moves that are on, in the order in which the picture makes them."""
        moves = []
        if self.flip_probability:
            moves.append(affine.flip(columns.flip < self.flip_probability))
        if self.rotation_degrees:
            moves.append(affine.rotation(_symmetric(columns.rotation, self.rotation_degrees)))
        if self.shear:
            slopes = (_symmetric(draw, self.shear) for draw in (columns.shear_y, columns.shear_x))
            moves.append(affine.shear(*slopes))
        if self.zoom:
            moves.append(affine.scaling(1.0 + _symmetric(columns.zoom, self.zoom)))
        if self.shift_pixels:
            shifts = (columns.shift_y, columns.shift_x)
            moves.append(affine.translation(*(_symmetric(s, self.shift_pixels) for s in shifts)))
        if self.crop_padding_pixels:
            places = (columns.padding_y, columns.padding_x)
            moves.append(affine.translation(*(self._whole_shift(place) for place in places)))
        if self.crop_area_min < 1:
            scale = ops.sqrt(between(columns.crop_area, self.crop_area_min, 1.0))
            room_y, room_x = (1.0 - scale) * height, (1.0 - scale) * width
            moves.append(
                affine.translation((columns.crop_y - 0.5) * room_y, (columns.crop_x - 0.5) * room_x)
            )
            moves.append(affine.scaling(scale))
        return moves

    def _whole_shift(self, draw: Any) -> Any:
        padding = self.crop_padding_pixels
        return ops.floor(draw * (2 * padding + 1)) - float(padding)

    def _erased(self, images: Any, columns: _Columns) -> Any:
        """Returns the images with a square of some of them set to the value."""
        if not self.erasing_probability:
            return images
        area = between(columns.erasing_area, *self.erasing_area)
        mask = square_mask(area, columns.erasing_y, columns.erasing_x, *images.shape[1:3])
        is_erased = (columns.erasing < self.erasing_probability)[:, None, None, None]
        mask = ops.cast(ops.logical_and(mask, is_erased), images.dtype)
        # Under XLA a choice between the two would be slower: it stops the warp's vectorisation.
        return images * (1.0 - mask) + self.erasing_value * mask

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {
            **super().get_config(),
            "flip_probability": self.flip_probability,
            "shift_pixels": self.shift_pixels,
            "crop_padding_pixels": self.crop_padding_pixels,
            "crop_area_min": self.crop_area_min,
            "rotation_degrees": self.rotation_degrees,
            "zoom": self.zoom,
            "shear": self.shear,
            "fill_mode": self.fill_mode,
            "interpolation": self.interpolation,
            "brightness": self.brightness,
            "contrast": self.contrast,
            "channel_shift": self.channel_shift,
            "erasing_probability": self.erasing_probability,
            "erasing_area": self.erasing_area,
            "erasing_value": self.erasing_value,
            "seed": self.seed,
        }


def _symmetric(draws: Any, largest: float) -> Any:
    return between(draws, -largest, largest)


def _areas(area: Any) -> tuple[float, float]:
    """Returns the smallest and the largest area, checked."""
    is_pair = isinstance(area, (list, tuple)) and len(area) == 2
    if not is_pair or not 0 <= area[0] <= area[1] <= 1:
        raise ValueError(
            "erasing_area must be two shares in 0..1, the smaller one first. "
            f"Received: erasing_area={area!r}"
        )
    return float(area[0]), float(area[1])


def _check_shapes(images: Any, draws: Any, count: int) -> None:
    if None in images.shape[1:]:
        raise ValueError(
            "The images' height, width and channels must be fixed. "
            f"Received: images.shape={tuple(images.shape)}"
        )
    if len(draws.shape) != 2 or draws.shape[1] != count:
        raise ValueError(
            f"draws must have the shape (n, {count}). Received: draws.shape={tuple(draws.shape)}"
        )


def _rounded(images: Any, dtype: str) -> Any:
    """Returns the images as whole numbers, kept within the range of their type."""
    limits = np.iinfo(dtype)
    return ops.cast(ops.clip(ops.round(images), limits.min, limits.max), dtype)
