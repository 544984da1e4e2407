"""A network within another that always works as in inference."""

from __future__ import annotations

from typing import Any

import keras


class InferenceMode(keras.layers.Wrapper):
    """Calls a network with training=False, whatever it is called with itself.

    So its batch norms normalise by the averages that they have of many images, and leave them as
    they are, also where their weights are trained: a few small batches would spoil them. Its
    dropout drops nothing. To call a network with training=False where another is put together, as
    is often advised, does not last: when that one trains, Keras's Functional models (3.15) pass
    their own training=True on to every layer, over what the layer was called with.
    """

    def call(self, inputs: Any) -> Any:
        """Returns what the network gives in inference."""
        return self.layer(inputs, training=False)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the network's."""
        return self.layer.compute_output_shape(input_shape)
