"""Random erasing of a square."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from .draws import between


@keras.saving.register_keras_serializable(package="trickbook")
class RandomSquareErasing(keras.layers.Layer):
    """Sets one square of an image to a value, for a share of the images.

    Keras's RandomErasing draws the two sides apart, so its patches are rarely square, and reads
    its factor as the upper end of a range of probabilities; deck L3 erases squares with one
    probability, as PyTorch's RandomErasing with ratio (1, 1) does.

    Args:
        probability: share of the images that are erased, 0..1.
        area: smallest and largest share of the image's area, drawn uniformly, 0..1. A square
            taller or wider than the image is cut to the image.
        value: what is put there.

    Call arguments:
        images: (n, height, width, channels), any range.
        draws: uniform draws in 0..1, (n, `RandomSquareErasing.draws`).
    """

    draws = 4

    def __init__(
        self,
        probability: float = 0.75,
        area: tuple[float, float] = (0.01, 0.3),
        value: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.probability = probability
        self.area = tuple(area)
        self.value = value

    def call(self, images: Any, draws: Any) -> Any:
        """Returns the images with their squares erased, (n, height, width, channels)."""
        height, width = images.shape[1:3]
        chance, area, place_y, place_x = (draws[:, i] for i in range(self.draws))
        # At least one pixel: on an 8x8 image the smallest areas would round to none.
        side = ops.sqrt(between(area, *self.area) * (height * width))
        side = ops.maximum(ops.floor(side + 0.5), 1.0)
        rows = _span(place_y, side, height)
        columns = _span(place_x, side, width)
        is_erased = ops.cast(chance < self.probability, images.dtype)
        mask = is_erased[:, None, None] * rows[:, :, None] * columns[:, None, :]
        mask = ops.expand_dims(mask, -1)
        return images * (1.0 - mask) + self.value * mask

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {
            **super().get_config(),
            "probability": self.probability,
            "area": self.area,
            "value": self.value,
        }


def _span(place: Any, side: Any, size: int) -> Any:
    """Returns 1 where a stretch of `side` pixels lies, 0 elsewhere, (n, size)."""
    side = ops.minimum(side, float(size))
    first = ops.floor(place * (size - side + 1.0))
    positions = ops.reshape(ops.arange(size, dtype="float32"), (1, size))
    first, last = first[:, None], (first + side)[:, None]
    return ops.cast(ops.logical_and(positions >= first, positions < last), "float32")
