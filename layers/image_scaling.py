"""Scaling of each image by its own values."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

# Added to the deviation, as in ImageDataGenerator.
_EPSILON = 1e-6


@keras.saving.register_keras_serializable(package="trickbook")
class ImageScaling(keras.layers.Layer):
    """Subtracts each image's mean over all pixels and channels, and divides by its deviation.

    The same as `samplewise_center` and `samplewise_std_normalization` of Keras's
    ImageDataGenerator.

    Args:
        divide: whether to divide by the deviation plus 1e-6, too.

    Call arguments:
        images: (n, height, width, channels).

    Source:
        Decks L1 and L4.
    """

    def __init__(self, divide: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Half precision rounds the epsilon to 0, and rounds the differences of an image's values.
        self.autocast = False
        self.divide = divide
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, images: Any) -> Any:
        """Returns the scaled images, of the same shape, in the layer's compute type."""
        axes = (1, 2, 3)
        images = ops.cast(images, keras.backend.result_type(self.compute_dtype, "float32"))
        scaled = images - ops.mean(images, axis=axes, keepdims=True)
        if self.divide:
            scaled = scaled / (ops.std(scaled, axis=axes, keepdims=True) + _EPSILON)
        return ops.cast(scaled, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the images."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {**super().get_config(), "divide": self.divide}
