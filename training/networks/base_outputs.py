"""Refusing a base network whose outputs are neither logits nor values."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ...recipes import RecipeError

# Enough that logits never look like probabilities in all rows by chance.
_EXAMPLES = 8
# How far the row sums of a softmax in half precision may be from 1.
_TOLERANCE = 0.01


def checked_network(inputs: Any, outputs: Any, units: int, base: str) -> keras.Model:
    """Returns the network from `inputs` to `outputs`, after checking the outputs.

    Args:
        inputs: symbolic batch of inputs.
        outputs: what the base network returned.
        units: number of classes, or of values.
        base: the base network, built in or `"module:build"`; only the latter is checked for
            probabilities.

    Raises:
        RecipeError: if the outputs are not a tensor of shape (n, units), or are probabilities,
            which the loss would take for logits.
    """
    who = f"The base network {base!r}"
    if not isinstance(outputs, keras.KerasTensor):
        hint = "for a model, return model(inputs). " if isinstance(outputs, keras.Model) else ""
        raise RecipeError(
            f"{who} must return the tensor of its outputs, such as parts.logits(x, classes); "
            f"{hint}Received: a {type(outputs).__name__}"
        )
    if tuple(outputs.shape) != (None, units):
        raise RecipeError(
            f"{who} must return an output per class, a tensor of shape (n, {units}). "
            f"Received: shape (n, {', '.join(map(str, outputs.shape[1:]))})"
        )
    network = keras.Model(inputs, outputs, name="network")
    is_own = ":" in base
    if is_own and units > 1 and _gives_probabilities(network):
        raise RecipeError(
            f"{who} returns probabilities, whose rows add up to 1, but the loss takes logits. "
            "Leave out the softmax at its end."
        )
    return network


def _gives_probabilities(network: keras.Model) -> bool:
    shape = (_EXAMPLES, *network.input_shape[1:])
    # All below 1: read as ids of tokens or categories they are all 0.
    examples = np.random.default_rng(0).random(size=shape, dtype="float32")
    outputs = keras.ops.convert_to_numpy(network(examples, training=False)).astype("float64")
    return bool((outputs >= 0).all() and (abs(outputs.sum(axis=1) - 1) < _TOLERANCE).all())
