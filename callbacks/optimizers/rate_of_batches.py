"""`RateOfBatches`: the learning rate between the batches of a fit, at little cost on JAX too."""

from typing import Any

import keras

from ..state.keras_private import with_optimizer_value
from .model_optimizers import simple_optimizers
from .settable_rate import set_learning_rate


class RateOfBatches:
    """Sets the rate of the compiled optimizer between the batches of one fit.

    On JAX Keras trains on values beside the variables, and hands all of them back when a callback
    asks for the model: done per batch, that doubled the time of a small network's epoch. There the
    rate is put among those values as they enter the training step, so that the optimizer itself
    shows it from the end of the batch on.

    Args:
        model: Its fit has begun, and its rate can be set (`require_settable_rate`).
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._rate: float | None = None
        # Each fit has a history of its own. One that an exception ends calls no callback, and must
        # leave the next alone.
        self._history = model.history
        self._train_function = model.train_function
        self._enters_step = keras.backend.backend() == "jax" and _are_held(model.optimizer)
        if self._enters_step:
            model.train_function = self._step

    def set(self, model_of: keras.callbacks.Callback, rate: float) -> None:
        """Set the rate of the batch that begins, for the callback that is called."""
        if self._enters_step:
            self._rate = rate
        else:
            set_learning_rate(model_of.model, rate)

    def end(self) -> None:
        """Leave the model's training step as it was."""
        if self._enters_step and self._model.train_function == self._step:
            self._model.train_function = self._train_function

    def _step(self, state: Any, iterator: Any) -> Any:
        # Once: a fit that an exception ended leaves this step to `train_on_batch`.
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
