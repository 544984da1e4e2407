"""A nested network that always runs in inference mode."""

from __future__ import annotations

from typing import Any

import keras


class InferenceMode(keras.layers.Wrapper):
    """Calls a network with training=False, whatever this layer itself is called with.

    The network's batch norms then normalise by the averages that they have of many images, and do
    not update them, even if their weights are trained: a few small batches would spoil the
    averages. Its dropout drops nothing.

    Calling the network with training=False when the outer model is built, as is often advised, is
    not enough: in training, Keras's Functional models (3.15) pass their own training=True on to
    every layer and override the argument of the call.
    """

    def call(self, inputs: Any) -> Any:
        """Returns the network's outputs in inference."""
        return self.layer(inputs, training=False)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the network's output shape."""
        return self.layer.compute_output_shape(input_shape)
