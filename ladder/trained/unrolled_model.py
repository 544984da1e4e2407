"""Unrolling recurrent layers, for runtimes without loops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def unroll(model: keras.Model) -> None:
    """Makes a model's recurrent layers compute step after step, without a loop over the steps.

    The model's outputs stay the same. All sequences have one length anyway.
    """
    for layer in _recurrent_layers(model):
        layer.unroll = True


def _recurrent_layers(layer: Any) -> Iterator[Any]:
    import keras

    if isinstance(layer, keras.layers.RNN):
        yield layer
    elif isinstance(layer, keras.layers.Bidirectional):
        yield from (layer.forward_layer, layer.backward_layer)
    elif isinstance(layer, keras.Model):
        for part in layer.layers:
            yield from _recurrent_layers(part)
