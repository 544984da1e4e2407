"""How many examples a network is measured on at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator

import keras

from ..callbacks.state.keras_private import all_layers
from .backbones.graph import calls

# Forward passes need less memory than training, and larger batches cost less per example.
MOST_EXAMPLES = 500
# Limit on one layer's outputs for a whole batch, in float32; a forward pass holds two or three such
# arrays. It is enough for 500 examples with 262 maps of 32x32 pixels, or 65 maps of 64x64. It is a
# constant because the batch size may change the last digits of a figure, which must not depend on
# the machine's load or on the training's batch size.
MOST_BYTES = 2**29


def evaluation_batch(network: keras.Model, most: int = MOST_EXAMPLES) -> int:
    """Returns how many examples to give a network at a time when it is not trained, 1 or more.

    Args:
        network: a Functional model, which may have networks within it.
        most: the number of examples if the outputs of its layers are small.
    """
    largest = max(_sizes(network), default=1)
    return max(1, min(most, MOST_BYTES // (4 * largest)))


def _sizes(network: keras.Model) -> Iterator[int]:
    """Yields how many numbers each layer of a network gives for an example, inputs included."""
    for part in all_layers(network):
        # A user's own network within this one may be subclassed, so its outputs are unknown.
        if isinstance(part, keras.Model) and getattr(part, "outputs", None):
            for call in calls(part):
                yield math.prod(size or 1 for size in call.output.shape[1:])
