"""How far a run has come, and how long it has taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import keras

OnEpoch = Callable[[int, dict[str, float]], None]


class Progress(keras.callbacks.Callback):
    """Reports each epoch, and measures the wall time, including the time before a kill.

    Args:
        on_epoch: called after each epoch with its number, from 1, and its logs.
    """

    def __init__(self, on_epoch: OnEpoch) -> None:
        super().__init__()
        self._on_epoch = on_epoch
        self._began = time.perf_counter()
        self._earlier = 0.0

    @property
    def seconds(self) -> float:
        """Wall time of the run until now, in seconds."""
        return self._earlier + time.perf_counter() - self._began

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Reports the epoch."""
        self._on_epoch(epoch + 1, dict(logs or {}))

    def state_dict(self) -> dict[str, Any]:
        """Returns what a resumed run needs."""
        return {"seconds": self.seconds}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Adds the time that the run took before it was killed."""
        self._earlier = state["seconds"]
