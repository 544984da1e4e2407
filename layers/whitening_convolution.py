"""A first convolution whose filters decorrelate the pixels of a patch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from ..argument_checks import number_in, whole_number
from .training_inputs import training_inputs

# Enough for the moments of a patch's few values, as each image has hundreds of patches.
FITTED_ON = 5000
# Images whose patches are in memory at once.
_CHUNK = 500


@keras.saving.register_keras_serializable(package="trickbook")
class WhiteningConvolution(keras.layers.Layer):
    """A convolution whose filters whiten the patches of the images it was fitted on.

    With M = U S U^T the mean of p p^T over all patches p (kernel_size x kernel_size x channels) of
    the images, the filters are the directions u / sqrt(s + epsilon), from the largest s down, and
    then the same filters negated, as a ReLU or the like would lose negative outputs. The filters
    are not trained; their biases are. Fit the layer with `adapt`; before that, it outputs only its
    biases.

    Args:
        kernel_size: height and width of a patch in pixels, 1 or more.
        epsilon: added to the mean square along each direction, in squared units of the inputs,
            above 0.
        activation: activation of the outputs, as in Keras's layers.

    Call arguments:
        inputs: (n, height, width, channels), scaled to a mean of about 0.

    Returns:
        (n, height - kernel_size + 1, width - kernel_size + 1, 2 kernel_size ** 2 channels).

    Source:
        Jordan 2024 (arXiv 2404.00498), after Page 2019, How to Train Your ResNet.
    """

    # The number of inputs that `adapt` uses: a caller need not prepare more.
    fitted_on = FITTED_ON

    def __init__(
        self, kernel_size: int = 2, epsilon: float = 5e-4, activation: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size = whole_number("kernel_size", kernel_size, low=1)
        self.epsilon = number_in("epsilon", epsilon, 0, without_low=True)
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: Any) -> None:
        """Makes the filters and their biases."""
        *sizes, channels = input_shape[1:]
        # A size that varies from batch to batch is None.
        if any(size is not None and size < self.kernel_size for size in sizes):
            height, width = ("?" if size is None else size for size in sizes)
            raise ValueError(
                f"Images of {height}x{width} pixels are smaller than a patch of "
                f"{self.kernel_size}x{self.kernel_size}. Give a smaller kernel_size."
            )
        values = self.kernel_size**2 * channels
        self.kernel = self.add_weight(
            shape=(self.kernel_size, self.kernel_size, channels, 2 * values),
            initializer="zeros",
            trainable=False,
            name="kernel",
        )
        self.bias = self.add_weight(shape=(2 * values,), initializer="zeros", name="bias")

    def adapt(self, inputs: np.ndarray) -> None:
        """Fits the filters.

        Args:
            inputs: training inputs, (n, height, width, channels), scaled as the layer's inputs will
                be; the first 5,000 are used.

        Raises:
            ValueError: for anything but an array of one or more inputs, such as a data set.
        """
        if hasattr(inputs, "shape"):  # in a file or on a GPU: read only the ones that are used
            inputs = inputs[: self.fitted_on]
        inputs = training_inputs("WhiteningConvolution", inputs, axes=4)[: self.fitted_on]
        if not self.built:
            self.build(inputs.shape)
        moments = count = 0.0
        for start in range(0, len(inputs), _CHUNK):
            patches = _patches(inputs[start : start + _CHUNK], self.kernel_size)
            moments, count = moments + patches.T @ patches, count + len(patches)
        squares, directions = np.linalg.eigh(moments / count)
        # Rounding may make a mean square of 0 negative.
        filters = directions / np.sqrt(np.maximum(squares, 0.0) + self.epsilon)
        filters = filters[:, ::-1].reshape(*self.kernel.shape[:3], -1)
        self.kernel.assign(np.concatenate([filters, -filters], axis=-1))

    def call(self, inputs: Any) -> Any:
        """Returns the whitened patches, with bias and activation."""
        convolved = ops.conv(inputs, self.kernel, padding="valid", data_format="channels_last")
        return self.activation(convolved + self.bias)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the output."""
        samples, *sizes, channels = input_shape
        places = [None if size is None else size - self.kernel_size + 1 for size in sizes]
        return (samples, *places, 2 * self.kernel_size**2 * channels)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "epsilon": self.epsilon,
            "activation": keras.activations.serialize(self.activation),
        }


def _patches(images: np.ndarray, size: int) -> np.ndarray:
    """Returns all patches, (patches, size * size * channels), in float64."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    ordered = windows.transpose(0, 1, 2, 4, 5, 3)
    return ordered.reshape(-1, size * size * images.shape[-1]).astype(np.float64)
