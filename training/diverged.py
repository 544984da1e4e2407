"""Noticing a training that has diverged."""

from __future__ import annotations

import math
from typing import Any

import keras


class DivergedError(RuntimeError):
    """A training whose loss is no number any more."""


class StopWhenDiverged(keras.callbacks.Callback):
    """Ends a run at the first epoch whose loss is not finite.

    Keras's TerminateOnNaN looks at every batch and so forbids several steps per call, which cost
    a small network most of its speed; an epoch is soon enough.
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Raises DivergedError, so that nothing more is measured on a network of nan."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise DivergedError(
                f"diverged: the loss was {loss} at the end of epoch {epoch + 1}; "
                "a lower learning rate may help"
            )
