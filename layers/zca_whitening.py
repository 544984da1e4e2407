"""Whitening that changes images as little as possible."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from ..argument_checks import number_in
from .training_inputs import training_inputs

# The matrix takes memory quadratic in this size, and its decomposition cubic time.
LARGEST_SIZE = 4096
# How many images are converted to float64 at a time while moments are computed, to bound memory.
_CHUNK = 1000


@keras.saving.register_keras_serializable(package="trickbook")
class ZCAWhitening(keras.layers.Layer):
    """Makes the values of images uncorrelated and of variance 1, over the images it was fitted on.

    whitened = (x - mean) W with W = U (S + epsilon)^(-1/2) U^T, where U S U^T is the covariance of
    the values over the images; so W is symmetric. This is `zca_whitening` of Keras's
    ImageDataGenerator, except that the mean is taken per value, not per channel. Later versions of
    that generator add epsilon to the root of the variance: with 1e-6 they multiply a value that is
    constant in training by a million or more, while this layer multiplies it by 1,000.

    Fit it with `adapt`, like Keras's Normalization; before that, it changes nothing.

    Args:
        epsilon: added to the variance along each direction, in squared units of the inputs, above
            0. A larger epsilon amplifies directions of little variance, and their noise, less.

    Call arguments:
        inputs: (n, ...), at most 4096 values each.

    Source:
        Decks L1 and L4 (ZCA, eps 1e-6); Bell and Sejnowski 1997.
    """

    def __init__(self, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Whitening would amplify the rounding of inputs to the compute type.
        self.autocast = False
        self.epsilon = number_in("epsilon", epsilon, 0, without_low=True)

    def build(self, input_shape: Any) -> None:
        """Makes the mean and the matrix."""
        if None in input_shape[1:]:
            raise ValueError(
                "ZCA whitening needs images of one size, known before training, as it has a weight "
                f"for each pair of values. Received: input_shape={tuple(input_shape)}"
            )
        size = math.prod(input_shape[1:])
        if size > LARGEST_SIZE:
            raise ValueError(
                f"ZCA whitening takes at most {LARGEST_SIZE:,} values per image, and images of "
                f"{'x'.join(map(str, input_shape[1:]))} have {size:,}. Make them smaller."
            )
        weight = {"trainable": False, "autocast": False}
        self.mean = self.add_weight(shape=(size,), initializer="zeros", name="mean", **weight)
        self.matrix = self.add_weight(
            shape=(size, size), initializer="identity", name="matrix", **weight
        )

    def adapt(self, inputs: np.ndarray) -> None:
        """Fits mean and matrix.

        Args:
            inputs: training inputs, (n, ...), scaled as the layer's inputs will be.

        Raises:
            ValueError: for anything but an array of one or more inputs, such as a data set.
        """
        inputs = training_inputs("ZCAWhitening", inputs)
        if not self.built:
            self.build(inputs.shape)
        mean = sum(rows.sum(axis=0) for rows in _chunks(inputs)) / len(inputs)
        covariance = sum((rows - mean).T @ (rows - mean) for rows in _chunks(inputs)) / len(inputs)
        variances, directions = np.linalg.eigh(covariance)
        # Rounding may make a variance of 0 negative.
        scales = 1.0 / np.sqrt(np.maximum(variances, 0.0) + self.epsilon)
        self.mean.assign(mean)
        self.matrix.assign((directions * scales) @ directions.T)

    def call(self, inputs: Any) -> Any:
        """Returns the whitened inputs, of the same shape, in the layer's compute type."""
        flat = ops.reshape(ops.cast(inputs, self.mean.dtype), (-1, self.mean.shape[0]))
        whitened = ops.matmul(flat - self.mean, self.matrix)
        return ops.cast(ops.reshape(whitened, (-1, *inputs.shape[1:])), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {**super().get_config(), "epsilon": self.epsilon}


def _chunks(inputs: np.ndarray) -> Iterator[np.ndarray]:
    """Yields a chunk of the inputs at a time, flattened, as a float64 copy."""
    for start in range(0, len(inputs), _CHUNK):
        block = inputs[start : start + _CHUNK]
        yield block.reshape(len(block), -1).astype(np.float64)
