"""Augmentation of images as one colour map, one warp and one mask."""

from __future__ import annotations

import inspect
import math
from typing import Any

import keras
import numpy as np
from keras import ops

from ..argument_checks import (
    at_most_one,
    low_and_high,
    number_in,
    numbers_in,
    one_of,
    whole_number,
)
from . import affine
from .colors import recolored
from .draws import between, either_way, once, spread
from .random_moves import OPTIONAL, Columns, drawn_moves
from .random_operations import DRAWS_EACH, HIGHEST_MAGNITUDE, Operations, drawn_operations
from .square import square_mask
from .warp import FILL_MODES, INTERPOLATIONS, warp

FLIP_ORDERS = ("random", "alternating")
_ALWAYS = len(Columns._fields) - len(OPTIONAL)
# Beyond this factor everything that is not black becomes white.
_LARGEST_FACTOR = 10.0


@keras.saving.register_keras_serializable(package="trickbook")
class RandomAugmentation(keras.layers.Layer):
    """Colours, flips, turns, shears, zooms, shifts, crops and erases each image, in one pass.

    Each of Keras's layers reads and writes the images once, and the spatial layers do not compile.
    This layer composes all moves into one matrix per image and warps once, after one affine map of
    the colours and before a mask; it compiles on TensorFlow, JAX and PyTorch. Everything is off by
    default. Each image has its own draws.

    An image is first given its contrast, brightness and channel shift; then it is mirrored, turned
    about its centre, sheared, zoomed, shifted, cropped and resized, and moved by the operations
    drawn for it; then a square is erased. Flips and moves by whole pixels are exact to the pixel
    when nothing else moves the image.

    In a model the layer acts in training only and draws from a generator of its own. Anywhere else,
    as in a data set, call it with training=True (unlike Keras's layers it does nothing by default),
    or give it the draws, which may be a function of (seed, epoch, image) like those of
    `trickbook.layers.stateless_draws`; with draws it always acts.

    Args:
        flip_probability: share of the images mirrored left to right, 0..1.
        vertical_flip_probability: share of the images mirrored top to bottom, 0..1.
        flip_order: "random", or "alternating" if the draws mirror each image left to right in
            every second epoch. Chance decides whether in the odd or the even ones;
            `alternating_draws` makes such draws from those of the first epoch. This needs a
            `flip_probability` of 0.5. Without draws the layer knows no epochs and flips by chance.
        shift_pixels: largest shift in either direction along each axis, in pixels.
        height_shift: largest shift up and down, in place of `shift_pixels`: below 1 a fraction of
            the height, from 1 in pixels; or a list of such shifts, one of which is drawn, along
            with its direction.
        width_shift: likewise to the left and right, of the width.
        crop_padding_pixels: largest shift by whole pixels in either direction along each axis, like
            padding the image on all sides and cropping back to size.
        crop_area_min: smallest share of the image's area that crop and resize keeps, above 0 to 1
            (1 is off).
        rotation_degrees: largest rotation in either direction, 0..180 degrees.
        zoom: largest change of the extent shown, as a fraction of it, 0 to below 1; 0.2 shows 80 %
            (enlarged) to 120 % (made smaller) of height and width.
        height_zoom: the same for the height alone, in place of `zoom`.
        width_zoom: the same for the width alone, drawn separately.
        shear: largest slope of the rows, and of the columns, in either direction, in pixels per
            pixel, 0 to below 1.
        shear_degrees: largest angle by which vertical lines lean in either direction, in place of
            `shear`, 0..45 degrees; horizontal lines stay horizontal.
        fill_mode: what comes in at the border: "constant", "nearest", "reflect", "mirror" or
            "wrap", as in `scipy.ndimage`'s "grid-constant", "nearest", "reflect", "mirror" and
            "grid-wrap". "reflect" repeats the pixel at the border, as Keras does; "mirror" does
            not, like "reflect" in NumPy and PyTorch.
        fill_value: value of "constant", in units of the images.
        interpolation: "bilinear", or "nearest" for the nearest pixel.
        brightness: largest amount added or subtracted, in units of the images, 0 or above; a list
            gives one amount per channel, and all channels get the same share of theirs.
        brightness_range: smallest and largest factor of the distance to black, in place of
            `brightness`, 0..10; (1, 1) is off.
        black: value of black, in units of the images, a number or one for each channel; factors are
            relative to it.
        contrast: largest change of the distance to the channel's mean over the image, as a
            fraction of it, 0..1.
        channel_shift: largest amount added to or subtracted from each channel independently, in
            units of the images, 0 or above; or a list with an amount per channel.
        operations: how many operations are drawn for each image and applied one after the other,
            out of identity, rotation, shears, translations, brightness, contrast, and a separate
            brightness for each channel; 0 is off.
        operation_magnitude: magnitude of all operations, 0..10; 10 is 30 degrees, a slope of 0.3,
            0.45 of the size, or a factor of 0.1 or 1.9, in either direction.
        erasing_probability: share of the images in which a square is erased, 0..1.
        erasing_area: smallest and largest share of the image's area that is erased, 0..1. A square
            taller or wider than the image is cut to the image.
        erasing_value: value of the erased pixels, in units of the images.
        seed: seed of the layer's own generator, a whole number, or None for a random one.

    All ranges are sampled uniformly; the crop by area, with the image's aspect ratio.

    Call arguments:
        images: (n, height, width, channels), height and width fixed; any range. Whole numbers
            come back as the same type, rounded and kept within its range; floats as the layer's
            compute type, not clipped.
        draws: uniform draws in 0..1, (n, `draws` of this layer), or None.
        training: whether to act without draws; None: the mode of the model that calls the layer, or
            False outside a model.

    Raises:
        ValueError: for an argument out of range, or images or draws of the wrong shape.

    Source:
        Deck L3, tricks 1, 5 and 7, deck L0, and deck L4's list of Keras's ImageDataGenerator; Zhong
        et al. 2017, "Random Erasing Data Augmentation", with squares as in L3; Cubuk et al. 2020,
        "RandAugment"; Jordan 2024 (arXiv 2404.00498) for flips that alternate.

    Example:
    ```python
    augmentation = trickbook.layers.RandomAugmentation(
        flip_probability=0.5, shift_pixels=2, rotation_degrees=10, erasing_probability=0.5
    )
    model = keras.Sequential([keras.Input((32, 32, 3)), augmentation, network])

    # Or on TensorFlow, in the data set of the training:
    data = data.map(lambda x, y: (augmentation(x, training=True), y))
    ```
    """

    draws = _ALWAYS

    def __init__(
        self,
        *,
        flip_probability: float = 0.0,
        vertical_flip_probability: float = 0.0,
        flip_order: str = "random",
        shift_pixels: float = 0.0,
        height_shift: float | tuple[float, ...] = 0.0,
        width_shift: float | tuple[float, ...] = 0.0,
        crop_padding_pixels: int = 0,
        crop_area_min: float = 1.0,
        rotation_degrees: float = 0.0,
        zoom: float = 0.0,
        height_zoom: float = 0.0,
        width_zoom: float = 0.0,
        shear: float = 0.0,
        shear_degrees: float = 0.0,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        interpolation: str = "bilinear",
        brightness: float | tuple[float, ...] = 0.0,
        brightness_range: tuple[float, float] = (1.0, 1.0),
        black: float | tuple[float, ...] = 0.0,
        contrast: float = 0.0,
        channel_shift: float | tuple[float, ...] = 0.0,
        operations: int = 0,
        operation_magnitude: float = 0.0,
        erasing_probability: float = 0.0,
        erasing_area: tuple[float, float] = (0.01, 0.3),
        erasing_value: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.flip_probability = number_in("flip_probability", flip_probability, 0, 1)
        self.vertical_flip_probability = number_in(
            "vertical_flip_probability", vertical_flip_probability, 0, 1
        )
        self.flip_order = one_of("flip_order", flip_order, FLIP_ORDERS)
        self.shift_pixels = number_in("shift_pixels", shift_pixels, 0)
        self.height_shift = numbers_in("height_shift", height_shift, 0)
        self.width_shift = numbers_in("width_shift", width_shift, 0)
        self.crop_padding_pixels = whole_number("crop_padding_pixels", crop_padding_pixels)
        self.crop_area_min = number_in("crop_area_min", crop_area_min, 0, 1, without_low=True)
        self.rotation_degrees = number_in("rotation_degrees", rotation_degrees, 0, 180)
        self.zoom = number_in("zoom", zoom, 0, 1, without_high=True)
        self.height_zoom = number_in("height_zoom", height_zoom, 0, 1, without_high=True)
        self.width_zoom = number_in("width_zoom", width_zoom, 0, 1, without_high=True)
        self.shear = number_in("shear", shear, 0, 1, without_high=True)
        self.shear_degrees = number_in("shear_degrees", shear_degrees, 0, 45)
        self.fill_mode = one_of("fill_mode", fill_mode, FILL_MODES)
        self.fill_value = number_in("fill_value", fill_value)
        self.interpolation = one_of("interpolation", interpolation, INTERPOLATIONS)
        self.brightness = numbers_in("brightness", brightness, 0)
        self.brightness_range = low_and_high(
            "brightness_range", brightness_range, 0, _LARGEST_FACTOR
        )
        self.black = numbers_in("black", black, -math.inf)
        self.contrast = number_in("contrast", contrast, 0, 1)
        self.channel_shift = numbers_in("channel_shift", channel_shift, 0)
        self.operations = whole_number("operations", operations)
        self.operation_magnitude = number_in(
            "operation_magnitude", operation_magnitude, 0, HIGHEST_MAGNITUDE
        )
        self.erasing_probability = number_in("erasing_probability", erasing_probability, 0, 1)
        self.erasing_area = low_and_high("erasing_area", erasing_area, 0, 1)
        self.erasing_value = number_in("erasing_value", erasing_value)
        self._check_together()
        self.draws = self._count_draws()
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.input_spec = keras.layers.InputSpec(ndim=4)
        # Draws need all their bits, whatever type the network computes in.
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
        columns = ops.unstack(ops.cast(draws, "float32"), self.draws, axis=1)
        images = ops.cast(images, keras.backend.result_type(images.dtype, "float32"))
        images = self._augmented(images, columns)
        return _rounded(images, dtype) if is_whole else ops.cast(images, dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the images."""
        return input_shape

    def compute_output_spec(self, images: Any, draws: Any = None, training: Any = None) -> Any:
        """Returns the shape and type of the output."""
        # Keras would assume the compute type, but whole numbers keep their own.
        return keras.Operation.compute_output_spec(
            self, images, draws=draws, training=bool(training)
        )

    @property
    def alternating_columns(self) -> tuple[int, ...]:
        """Which columns of the draws are to alternate from epoch to epoch."""
        return (Columns._fields.index("flip"),) if self.flip_order == "alternating" else ()

    def _augmented(self, images: Any, columns: list[Any]) -> Any:
        named = len(Columns._fields)
        drawn = None
        if self.operations:
            drawn = drawn_operations(
                columns[named:], self.operation_magnitude, tuple(images.shape[1:])
            )
        own = Columns(*columns[:named])
        images = self._colored(images, own, drawn)
        return self._erased(self._moved(images, own, drawn), own)

    def _check_together(self) -> None:
        # The arguments of each group share a column of the draws, and do the same thing.
        at_most_one(shift_pixels=self.shift_pixels, height_shift=self.height_shift)
        at_most_one(shift_pixels=self.shift_pixels, width_shift=self.width_shift)
        at_most_one(zoom=self.zoom, height_zoom=self.height_zoom)
        at_most_one(zoom=self.zoom, width_zoom=self.width_zoom)
        at_most_one(shear=self.shear, shear_degrees=self.shear_degrees)
        factors = self.brightness_range if self._has_factor() else 0
        at_most_one(brightness=self.brightness, brightness_range=factors)
        if self.flip_order == "alternating" and self.flip_probability != 0.5:
            raise ValueError(
                'flip_order="alternating" mirrors every image in every second epoch, so it needs '
                "flip_probability=0.5. "
                f"Received: flip_probability={self.flip_probability}"
            )
        if self.fill_value and self.fill_mode != "constant":
            raise ValueError(
                'fill_value can be given only with fill_mode="constant". '
                f"Received: fill_mode={self.fill_mode!r}, fill_value={self.fill_value!r}"
            )

    def _count_draws(self) -> int:
        if self.operations:
            return len(Columns._fields) + DRAWS_EACH * self.operations
        has_more = self.vertical_flip_probability or self.width_zoom
        return len(Columns._fields) if has_more else _ALWAYS

    def _has_factor(self) -> bool:
        return self.brightness_range != (1.0, 1.0)

    def _colored(self, images: Any, columns: Columns, drawn: Operations | None) -> Any:
        """Returns the images with contrast, brightness and channel shift, as gain * x + bias."""
        is_on = self.brightness or self._has_factor() or self.contrast or self.channel_shift
        if not (is_on or drawn):
            return images
        bias = either_way(columns.brightness[:, None], self._per_channel("brightness", images))
        if self._has_factor():
            bias = ops.zeros_like(bias)  # The factor uses the column of the brightness.
        if self.channel_shift:
            keys = ops.stack([columns.channel_shift, columns.channel_shift_key], axis=1)
            largest = self._per_channel("channel_shift", images)
            bias = bias + either_way(once(spread(keys, images.shape[-1])), largest)
        return recolored(
            images,
            contrast=self._stretch(columns, drawn),
            factor=self._factor(columns, drawn),
            bias=bias,
            black=self._per_channel("black", images),
        )

    def _stretch(self, columns: Columns, drawn: Operations | None) -> Any:
        own = (1.0 + either_way(columns.contrast, self.contrast))[:, None]
        if drawn is None:
            return own if self.contrast else None
        return own * drawn.contrast

    def _factor(self, columns: Columns, drawn: Operations | None) -> Any:
        own = between(columns.brightness, *self.brightness_range)[:, None]
        if drawn is None:
            return own if self._has_factor() else None
        return own * drawn.factor

    def _per_channel(self, name: str, images: Any) -> Any:
        """Returns an argument that is one number, or a number for each of the images' channels."""
        values = getattr(self, name)
        if not isinstance(values, tuple):
            return values
        if len(values) != images.shape[-1]:
            raise ValueError(
                f"{name} must be a number, or one for each of {images.shape[-1]} channels. "
                f"Received: {name}={values!r}"
            )
        return ops.convert_to_tensor(values, dtype="float32")

    def _moved(self, images: Any, columns: Columns, drawn: Operations | None) -> Any:
        """Returns the images resampled after all their moves at once."""
        moves = drawn_moves(self, columns, *images.shape[1:3])
        if drawn:
            moves += drawn.moves
        if not moves:
            return images
        return warp(
            images,
            affine.compose(moves),
            fill_mode=self.fill_mode,
            interpolation="nearest" if self._moves_whole_pixels() else self.interpolation,
            fill_value=self.fill_value,
        )

    def _moves_whole_pixels(self) -> bool:
        shifts = self.shift_pixels or self.height_shift or self.width_shift
        zooms = self.zoom or self.height_zoom or self.width_zoom
        turns = self.rotation_degrees or self.shear or self.shear_degrees or self.operations
        return not (shifts or zooms or turns) and self.crop_area_min == 1

    def _erased(self, images: Any, columns: Columns) -> Any:
        """Returns the images with a square of some of them set to the value."""
        if not self.erasing_probability:
            return images
        area = between(columns.erasing_area, *self.erasing_area)
        mask = square_mask(area, columns.erasing_y, columns.erasing_x, *images.shape[1:3])
        is_erased = (columns.erasing < self.erasing_probability)[:, None, None, None]
        mask = ops.cast(ops.logical_and(mask, is_erased), images.dtype)
        # Under XLA, `where` would be slower: it stops the warp's vectorisation.
        return images * (1.0 - mask) + self.erasing_value * mask

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        arguments = inspect.signature(RandomAugmentation.__init__).parameters.values()
        names = [one.name for one in arguments if one.kind is one.KEYWORD_ONLY]
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


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
