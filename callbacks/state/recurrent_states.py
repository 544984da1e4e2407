"""The states of recurrent layers that carry over from one batch to the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from .keras_private import all_layers
from .variable_values import values_kept


def recurrent_states(model: keras.Model) -> list[Any]:
    """What layers remember from one batch to the next, as stateful recurrent layers do."""
    # Keras does not count them among a model's variables.
    layers = [layer for layer in all_layers(model) if getattr(layer, "stateful", False)]
    states = keras.tree.flatten([getattr(layer, "states", None) for layer in layers])
    return [state for state in states if isinstance(state, keras.Variable)]


@contextmanager
def recurrent_states_kept(model: keras.Model) -> Iterator[None]:
    """Leave the states of recurrent layers as they were."""
    with values_kept(recurrent_states(model)):
        yield
