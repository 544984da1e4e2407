"""`SamplesSeen`: by how many samples Keras has weighed its running mean of the loss."""

from __future__ import annotations

import threading

import keras

from ..state.keras_private import value_amid_epoch


class SamplesSeen:
    """Tells after each batch how many samples an epoch has had; one of it serves one fit."""

    def begin_epoch(self, model: keras.Model) -> None:
        """Look for what counts them, as long as no batch is under way."""
        self._model = model
        counts = [
            metric.count
            for metric in model.metrics
            if metric.name == "loss" and isinstance(metric, keras.metrics.Mean)
        ]
        self._count = counts[0] if counts else None
        self._thread = threading.get_ident()

    def after_batch(self) -> float | None:
        """The samples of this epoch so far; None where that cannot be told."""
        # Where Keras calls from other threads, training has gone on meanwhile.
        if self._count is None or threading.get_ident() != self._thread:
            return None
        return value_amid_epoch(self._model, self._count)
