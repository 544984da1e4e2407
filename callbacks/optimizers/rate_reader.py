"""`RateReader`: the learning rate that a batch was trained with, read without waiting."""

from __future__ import annotations

import threading
from typing import Any

import keras

from ..state.keras_private import rate_source, value_amid_epoch
from .optimizer_facts import batch_counter, batches_trained, named_by_rate, rate
from .schedule_rates import ScheduleRates


class RateReader:
    """Reads the rates of a model's optimizers after each batch; use a new one for each fit."""

    def __init__(self) -> None:
        self._schedules: dict[str, ScheduleRates] = {}

    def begin_epoch(self, model: keras.Model) -> None:
        """Look at the optimizers, while no batch is under way."""
        self._model = model
        self._optimizers = named_by_rate(model)
        self._first_rates = {name: rate(one) for name, one in self._optimizers.items()}
        self._first_counts = {name: batches_trained(one) for name, one in self._optimizers.items()}
        self._thread = threading.get_ident()

    def after_batch(self, number: int) -> dict[str, float]:
        """The rates of the batch that has just been trained, by the names in an epoch's logs.

        Args:
            number: Batches of this epoch so far.
        """
        return {
            name: self._rate(name, one, number)
            for name, one in self._optimizers.items()
            if one.built
        }

    def _rate(self, name: str, optimizer: Any, number: int) -> float:
        source = rate_source(optimizer)
        if isinstance(source, keras.optimizers.schedules.LearningRateSchedule):
            expected = self._first_counts[name] + number
            batches = int(self._value(batch_counter(optimizer), expected))
            # Keras asks a schedule for the rate of a batch, even where gradients are accumulated.
            return self._schedules.setdefault(name, ScheduleRates(source)).at(max(batches - 1, 0))
        if isinstance(source, keras.Variable):
            return self._value(source, self._first_rates[name])
        return self._first_rates[name]

    def _value(self, variable: keras.Variable, otherwise: float) -> float:
        # Where Keras calls from other threads, training has gone on in the meantime, and no other
        # callback changes anything within an epoch.
        in_fit = threading.get_ident() == self._thread
        return value_amid_epoch(self._model, variable) if in_fit else otherwise
