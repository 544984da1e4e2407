"""Gaussian noise on images."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from ..argument_checks import number_in
from .draws import normal, spread


@keras.saving.register_keras_serializable(package="trickbook")
class RandomGaussianNoise(keras.layers.Layer):
    """Adds independent Gaussian noise to every value of an image.

    Keras's GaussianNoise draws from a generator of its own; this one takes its draws as an input,
    so that they can be a function of (seed, epoch, image).

    Args:
        stddev: standard deviation of the noise, in units of the images, 0 or above.

    Call arguments:
        images: (n, height, width, channels), any range; returned in the layer's compute type.
        draws: uniform draws in 0..1, (n, `RandomGaussianNoise.draws`).
    """

    draws = 2

    def __init__(self, stddev: float = 0.1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev = number_in("stddev", stddev, 0)
        # Draws need all their bits, whatever type the network computes in.
        self.autocast = False

    def call(self, images: Any, draws: Any) -> Any:
        """Returns the noisy images, (n, height, width, channels)."""
        shape = tuple(images.shape[1:])
        field = ops.reshape(normal(spread(draws, math.prod(shape))), (-1, *shape))
        return ops.cast(images, self.compute_dtype) + ops.cast(
            self.stddev * field, self.compute_dtype
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {**super().get_config(), "stddev": self.stddev}
