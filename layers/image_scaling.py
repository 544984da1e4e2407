"""Scaling of each image by its own values."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

# As ImageDataGenerator adds it to a deviation.
_EPSILON = 1e-6


@keras.saving.register_keras_serializable(package="trickbook")
class ImageScaling(keras.layers.Layer):
    """Takes from each image its mean over all pixels and channels, and divides by its deviation.

    As `samplewise_center` and `samplewise_std_normalization` of Keras's ImageDataGenerator.

    Args:
        divide: whether to divide by the deviation plus 1e-6 too.

    Call arguments:
        images: (n, height, width, channels).

    Source:
        Decks L1 and L4.
    """

    def __init__(self, divide: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.divide = divide
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, images: Any) -> Any:
        """Returns the scaled images, of the same shape."""
        axes = (1, 2, 3)
        centred = images - ops.mean(images, axis=axes, keepdims=True)
        if not self.divide:
            return centred
        return centred / (ops.std(centred, axis=axes, keepdims=True) + _EPSILON)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {**super().get_config(), "divide": self.divide}
