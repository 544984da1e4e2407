"""From the callbacks of a blueprint's tricks to Keras's objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from ..argument_checks import whole_number
from ..recipes import Blueprint, RecipeError
from .learning_rate import rate_callbacks
from .lengths import keywords_in_steps
from .networks.seeded import drawn_for, seeded

# The argument `{"training_inputs": n}` stands for n scaled training inputs.
TRAINING_INPUTS = "training_inputs"


def build_callbacks(
    blueprint: Blueprint,
    steps_per_epoch: int,
    seed: int = 0,
    inputs: Callable[[int], np.ndarray] | None = None,
) -> list[keras.callbacks.Callback]:
    """Makes the callbacks of a blueprint's tricks; one that sets the learning rate comes first.

    Args:
        blueprint: the blueprint that holds the tricks.
        steps_per_epoch: batches per epoch, used to convert lengths to steps.
        seed: seed of the run. A callback that takes a seed gets one derived from it and the
            recipe's name.
        inputs: returns n scaled training inputs, or all if there are fewer. It can be left out if
            no callback asks for any.

    Raises:
        RecipeError: if a callback cannot be made, or has an invalid length.
    """
    made = []
    for slot in (*rate_callbacks(blueprint), *blueprint.callbacks):
        lengths = keywords_in_steps(slot.config, steps_per_epoch, blueprint.epochs)
        arguments = {name: _inputs_for(value, inputs) for name, value in lengths.items()}
        with drawn_for(seed, slot.recipe):
            made.append(seeded(slot.config, **arguments))
    return made


def _inputs_for(value: Any, inputs: Callable[[int], np.ndarray] | None) -> Any:
    if inputs is None or not isinstance(value, Mapping) or value.keys() != {TRAINING_INPUTS}:
        return value
    try:
        return inputs(whole_number(TRAINING_INPUTS, value[TRAINING_INPUTS], low=1))
    except ValueError as error:
        raise RecipeError(str(error)) from None
