"""Evaluating averaged weights in the place of those that are trained."""

from __future__ import annotations

from typing import Any

import keras

from ..callbacks.optimizers.model_optimizers import wrapped_optimizers
from ..callbacks.state.keras_private import moving_averages, trained_variables
from ..callbacks.state.variable_values import values_of
from .optimizers import Lookahead


class AveragedWeights(keras.callbacks.Callback):
    """Puts the averages into the model from each epoch's validation until `swap_back`'s turn.

    Where nothing is validated they are there from the epoch's end on. So whatever looks at the
    model between an epoch's last batch and that turn, early stopping and clean evaluations
    included, finds the averages there. Keras's SwapEMAWeights swaps by adding and subtracting on
    TensorFlow, which changes the weights in training by their rounding, and takes the averages out
    again before the other callbacks have their turn.
    """

    def __init__(self) -> None:
        super().__init__()
        self.swap_back = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: self._put(False))
        self._are_in_model = False

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the averages into the model."""
        self._put(True)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Puts them there if no validation has done so."""
        self._put(True)

    def _put(self, into_model: bool) -> None:
        if into_model != self._are_in_model:
            self._swap()
        self._are_in_model = into_model

    def _swap(self) -> None:
        optimizer = self.model.optimizer
        weights, averages = trained_variables(optimizer), averages_of(optimizer)
        assert averages is not None
        held = values_of(weights)
        for weight, average, value in zip(weights, averages, held, strict=True):
            weight.assign(average)
            average.assign(value)


def averages_of(optimizer: keras.optimizers.Optimizer) -> list[Any] | None:
    """Returns the averages of the weights that an optimiser trains; None where it has none."""
    for one in wrapped_optimizers(optimizer):
        if isinstance(one, Lookahead):
            return list(one.slow_weights)
        if one.use_ema:
            return moving_averages(one)
    return None
