"""Detecting a training that has diverged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np


class DivergedError(RuntimeError):
    """The loss of a training is no longer finite, or the trained network gives no numbers."""


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


def check_answers(outputs: Mapping[str, np.ndarray]) -> None:
    """Refuses a network that its last step ruined, which the loss of that epoch does not show.

    Args:
        outputs: the trained network's answers by split, (n, ...).

    Raises:
        DivergedError: if some of them are not finite.
    """
    for split, answers in outputs.items():
        lost = int((~np.isfinite(answers.reshape(len(answers), -1))).any(axis=1).sum())
        if lost:
            raise DivergedError(
                f"diverged: the trained network's answers for {lost} of {len(answers)} {split} "
                "examples are not finite; a lower learning rate may help"
            )
