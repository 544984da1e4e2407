"""`SamplesSeen`: how many samples Keras's running mean of the loss covers."""

from __future__ import annotations

import threading

import keras

from ..state.keras_private import value_amid_epoch


class SamplesSeen:
    """Counts the samples of an epoch after each batch; use a new one for each fit."""

    def begin_epoch(self, model: keras.Model) -> None:
        """Look for the counter of samples, while no batch is under way."""
        self._model = model
        counts = [
            metric.count
            for metric in model.metrics
            if metric.name == "loss" and isinstance(metric, keras.metrics.Mean)
        ]
        self._count = counts[0] if counts else None
        self._thread = threading.get_ident()

    def after_batch(self) -> float | None:
        """The samples of this epoch so far; None if the number is not known."""
        # Where Keras calls from other threads, training has gone on in the meantime.
        if self._count is None or threading.get_ident() != self._thread:
            return None
        return value_amid_epoch(self._model, self._count)
