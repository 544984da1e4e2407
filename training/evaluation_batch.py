"""How many examples a network is measured on at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator

import keras

from ..callbacks.state.keras_private import all_layers
from .backbones.graph import calls

# Forward passes need less memory than training, and larger batches cost less per example.
MOST_EXAMPLES = 500
# That one layer's outputs of all examples of a batch may take, in float32; a forward pass holds two
# or three such. Room for 500 examples of 262 maps of 32x32 pixels, or of 65 of 64x64. A constant,
# for how a batch is cut may change the last digits of a figure, and what else the machine does, or
# the batch of the training, must not.
MOST_BYTES = 2**29


def evaluation_batch(network: keras.Model, most: int = MOST_EXAMPLES) -> int:
    """Returns how many examples to give a network at a time where nothing is trained, 1 or more.

    Args:
        network: of the functional kind, with networks within it or not.
        most: that many where the outputs of its layers are small.
    """
    largest = max(_sizes(network), default=1)
    return max(1, min(most, MOST_BYTES // (4 * largest)))


def _sizes(network: keras.Model) -> Iterator[int]:
    """Yields how many numbers each of a network's layers gives of an example, inputs included."""
    for part in all_layers(network):
        # A network of a user's own within the network may be of another kind, which tells nothing.
        if isinstance(part, keras.Model) and getattr(part, "outputs", None):
            for call in calls(part):
                yield math.prod(size or 1 for size in call.output.shape[1:])
