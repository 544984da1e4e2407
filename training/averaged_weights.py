"""Evaluating averaged weights in place of the trained ones."""

from __future__ import annotations

from typing import Any

import keras

from ..callbacks.optimizers.model_optimizers import wrapped_optimizers
from ..callbacks.state.keras_private import moving_averages, trained_variables
from ..callbacks.state.variable_values import values_of
from .optimizers import Lookahead


class AveragedWeights(keras.callbacks.Callback):
    """Puts the averages into the model from each epoch's validation until `swap_back` runs.

    Without validation the averages are put in at the end of the epoch. Callbacks that look at the
    model before `swap_back` runs, such as early stopping and clean evaluations, see the averages.

    Keras's SwapEMAWeights takes the averages out again before the other callbacks run. On
    TensorFlow it also swaps by adding and subtracting, and the rounding changes the trained
    weights.
    """

    def __init__(self) -> None:
        super().__init__()
        self.swap_back = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: self._put(False))
        self._are_in_model = False

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the averages into the model."""
        self._put(True)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Puts the averages into the model if validation has not done so."""
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
    """Returns an optimiser's averages of the weights that it trains, or None if it keeps none."""
    for one in wrapped_optimizers(optimizer):
        if isinstance(one, Lookahead):
            return list(one.slow_weights)
        if one.use_ema:
            return moving_averages(one)
    return None
