"""Detecting a training that has diverged."""

from __future__ import annotations

import math
from typing import Any

import keras


class DivergedError(RuntimeError):
    """The loss of a training is no longer finite."""


class StopWhenDiverged(keras.callbacks.Callback):
    """Ends a run at the first epoch whose loss is not finite.

    Keras's TerminateOnNaN checks every batch, which rules out several steps per call and would
    cost a small network most of its speed. Checking once per epoch is soon enough.
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Raises DivergedError, so that nothing more is measured on a network of NaNs."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise DivergedError(
                f"diverged: the loss was {loss} at the end of epoch {epoch + 1}; "
                "a lower learning rate may help"
            )
