"""A network of recurrent layers, for sequences and for images row by row."""

from __future__ import annotations

from typing import Any

import keras

from ...recipes import RecipeError
from .parts import NetworkParts


def build(inputs: Any, classes: int, parts: NetworkParts) -> Any:
    """Returns the outputs of recurrent layers and a dense head on the last step's output.

    Deck L1 chooses between such networks, with LSTM or GRU, and convolutional ones. All recurrent
    layers but the last pass on their output at every step. Their activations, the initial state and
    the LSTM's forget bias of 1 (Jozefowicz et al. 2015) are Keras's; the blueprint's activation and
    normalisation apply to the head. The slot after stages follows each recurrent layer, which puts
    dropout where Zaremba et al. 2014 have it: between layers, and never from step to step.

    Args:
        inputs: scaled sequences, (n, steps, features), or images, (n, height, width, channels),
            which are read row by row.
        classes: number of outputs.
        parts: the layers as the blueprint wants them.

    Raises:
        RecipeError: if the inputs have no steps, or there is no recurrent layer.
    """
    *layers, last = parts.blueprint.recurrent_units or (None,)
    if last is None:
        raise RecipeError("A recurrent network needs a layer. Received: recurrent_units=()")
    x = _sequence(inputs)
    for number, units in enumerate(layers, 1):
        x = parts.recurrent(x, units, sequences=True, name=f"recurrent{number}")
    x = parts.recurrent(x, last, sequences=False, name=f"recurrent{len(layers) + 1}")
    return parts.head(x, classes)


def _sequence(inputs: Any) -> Any:
    if len(inputs.shape) == 4:
        _, height, width, channels = inputs.shape
        return keras.layers.Reshape((height, width * channels), name="rows")(inputs)
    if len(inputs.shape) != 3:
        raise RecipeError(
            "The recurrent network takes sequences (steps, features) or images, but these inputs "
            f'are {inputs.shape[1:]}. Give base = "fully_connected" in [baseline].'
        )
    return inputs
