"""`RateOfBatches`: the learning rate between the batches of a fit, at little cost on JAX too."""

from typing import Any

import keras

from ..state.keras_private import with_optimizer_value
from .model_optimizers import simple_optimizers
from .settable_rate import set_learning_rate


class RateOfBatches:
    """Sets the rate of the compiled optimizer between the batches of one fit.

    On JAX Keras trains on copies of the variables, and writes all of them back when a callback asks
    for the model: done per batch, that doubled the time of a small network's epoch. So on JAX the
    rate is set in these copies as they enter the training step, and the optimizer itself shows it
    only from the end of the batch on.

    Args:
        model: Its fit has begun, and its rate can be set (`require_settable_rate`).
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._rate: float | None = None
        # Each fit has its own History. A fit that an exception ends calls no callback, and must not
        # affect the next one.
        self._history = model.history
        self._train_function = model.train_function
        self._enters_step = keras.backend.backend() == "jax" and _are_held(model.optimizer)
        if self._enters_step:
            model.train_function = self._step

    def set(self, model_of: keras.callbacks.Callback, rate: float) -> None:
        """Set the rate of the batch that begins, on behalf of the callback `model_of`."""
        if self._enters_step:
            self._rate = rate
        else:
            set_learning_rate(model_of.model, rate)

    def end(self) -> None:
        """Leave the model's training step as it was."""
        if self._enters_step and self._model.train_function == self._step:
            self._model.train_function = self._train_function

    def _step(self, state: Any, iterator: Any) -> Any:
        # Only once: after a fit that an exception ended, `train_on_batch` still has this step.
        rate, self._rate = self._rate, None
        if rate is not None and self._model.history is self._history:
            optimizer = self._model.optimizer
            state = with_optimizer_value(state, optimizer, _rates(optimizer), rate)
        return self._train_function(state, iterator)


def _rates(optimizer: Any) -> list[Any]:
    return [one.learning_rate for one in simple_optimizers(optimizer)]


def _are_held(optimizer: Any) -> bool:
    """Whether the rates are among the variables of the compiled optimizer."""
    held = {id(one) for one in optimizer.variables}
    return all(id(rate) in held for rate in _rates(optimizer))
