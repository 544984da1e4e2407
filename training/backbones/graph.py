"""Taking a Keras network apart: its layers in order, without nested networks, and cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from ...callbacks.state.keras_private import run_through, tensors_called_on


@dataclass(frozen=True)
class Call:
    """A layer as a network calls it.

    Attributes:
        layer: the layer, or an operation that is no layer.
        inputs: the symbolic tensors that it is called on.
        output: what it gives.
    """

    layer: Any
    inputs: tuple[Any, ...]
    output: Any


def functional(model: keras.Model) -> keras.Model:
    """Returns a Sequential network as one of the Functional kind, and any other as it is."""
    if isinstance(model, keras.Sequential) and model.built:
        return keras.Model(model.inputs, model.outputs)
    return model


def flat(model: keras.Model, input_shape: tuple[int, ...]) -> keras.Model:
    """Returns the same network with the layers of the networks within it in their places.

    Args:
        model: of one input and one output; the new one shares its layers.
        input_shape: of what it is given, which may be of any size for `model` itself.
    """
    inputs = keras.Input(input_shape, dtype=model.inputs[0].dtype)
    return keras.Model(inputs, _inlined(model, inputs))


def calls(model: keras.Model) -> list[Call]:
    """Returns what a flat network calls, each after what it is called on; the input comes first."""
    found: dict[int, Call] = {}
    # Not by recursion: a deep network would go beyond Python's limit.
    waiting = [model.outputs[0]]
    while waiting:
        tensor = waiting[-1]
        layer, inputs = tensors_called_on(tensor)
        missing = [one for one in inputs if id(one) not in found]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        found.setdefault(id(tensor), Call(layer, tuple(inputs), tensor))
    return list(found.values())


def before_head(model: keras.Model) -> keras.Model:
    """Returns a flat network as far as what its last dense layer is called on.

    After that layer there may be what has no weights, such as a softmax. A network that ends
    otherwise, as in pooling, has no head and is returned whole.
    """
    by_output = {id(call.output): call for call in calls(model)}
    call = by_output[id(model.outputs[0])]
    while not isinstance(call.layer, keras.layers.Dense):
        has_weights = bool(getattr(call.layer, "weights", ()))
        if has_weights or len(call.inputs) != 1:
            return model
        call = by_output[id(call.inputs[0])]
    return keras.Model(model.inputs, call.inputs[0])


def cut(model: keras.Model, kept: Sequence[keras.layers.Layer]) -> Any | None:
    """Returns the last tensor that all goes through before any of some layers is called.

    Args:
        model: flat.
        kept: layers that must come after the cut.

    Returns:
        None where nothing is called before but the input.
    """
    order = calls(model)
    first = next(place for place, call in enumerate(order) if call.layer in kept)
    for place in range(first, 1, -1):
        before = {id(call.output) for call in order[:place]}
        needed = [one for call in order[place:] for one in call.inputs if id(one) in before]
        if len({id(one) for one in needed}) == 1 and needed[0] is not order[0].output:
            return needed[0]
    return None


def _inlined(model: keras.Model, tensor: Any) -> Any:
    def within(layer: Any) -> Any:
        # A network within it of a kind of the user's own has no graph, and stays a layer.
        if isinstance(layer, keras.Model) and hasattr(part := functional(layer), "operations"):
            return lambda inner, **_: _inlined(part, inner)
        return layer

    return run_through(model, tensor, within)
