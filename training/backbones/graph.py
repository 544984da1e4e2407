"""Taking a Keras network apart: inlining nested networks, listing its calls, cutting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from ...callbacks.state.keras_private import run_through, tensors_called_on


@dataclass(frozen=True)
class Call:
    """One call of a layer in a network.

    Attributes:
        layer: the layer, or an operation that is not a layer.
        inputs: the symbolic tensors that it is called on.
        output: the symbolic tensor that it returns.
    """

    layer: Any
    inputs: tuple[Any, ...]
    output: Any


def functional(model: keras.Model) -> keras.Model:
    """Returns a built Sequential model as a Functional one, and any other model as it is."""
    if isinstance(model, keras.Sequential) and model.built:
        return keras.Model(model.inputs, model.outputs)
    return model


def flat(model: keras.Model, input_shape: tuple[int, ...]) -> keras.Model:
    """Returns the same network with nested networks replaced by their layers.

    Args:
        model: a network with one input and one output; the new network shares its layers.
        input_shape: shape of the new network's inputs; `model` itself may take any size.
    """
    inputs = keras.Input(input_shape, dtype=model.inputs[0].dtype)
    return keras.Model(inputs, _inlined(model, inputs))


def calls(model: keras.Model) -> list[Call]:
    """Returns the calls of a flat network in topological order; the input comes first."""
    found: dict[int, Call] = {}
    # Without recursion: a deep network would exceed Python's recursion limit.
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
    """Returns a flat network up to the inputs of its last dense layer.

    That layer may be followed by layers without weights, such as a softmax. A network that ends in
    another way, for instance in pooling, has no head and is returned whole.
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
    """Returns the last tensor that everything passes through before any of the kept layers.

    Args:
        model: a flat network.
        kept: layers that must come after the cut.

    Returns:
        The tensor, or None if there is no such tensor besides the input.
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
        # A nested network of the user's own subclass has no graph, and stays a layer.
        if isinstance(layer, keras.Model) and hasattr(part := functional(layer), "operations"):
            return lambda inner, **_: _inlined(part, inner)
        return layer

    return run_through(model, tensor, within)
