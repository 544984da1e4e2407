"""The epoch whose weights a callback restores, and how much its choice flatters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import numpy as np

from ..callbacks.evaluation.own_metrics import evaluation_leaves_no_trace
from ..recipes.task import METRICS
from ..reports.read.predictions import scores_of
from .flattery import flattery

_SIGNS = {
    name: 1 if direction == "max" else -1
    for metrics in METRICS.values()
    for name, direction in metrics.items()
}
# With fewer examples, their halves are too small to tell anything.
FEWEST = 4


class ChosenEpoch(keras.callbacks.Callback):
    """Records how well each validation example fares in every epoch, to judge the chosen epoch.

    Place it after the callback that chooses the epoch, and before the one that takes averaged
    weights out again.

    Args:
        stopping: the callback that restores the best weights.
        answers: returns the network's current answers for the examples that the choice is based on.
        labels: labels of those examples.
        metric: the task's deciding metric.
    """

    def __init__(
        self,
        stopping: keras.callbacks.EarlyStopping,
        answers: Callable[[], np.ndarray],
        labels: np.ndarray,
        metric: str,
    ) -> None:
        super().__init__()
        self._stopping = stopping
        self._answers = answers
        self._labels = labels
        self._metric = metric
        self._chooses = stopping.monitor.removeprefix("val_")
        self._losses: list[np.ndarray] = []
        self._scores: list[np.ndarray] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measures each example."""
        if not self._is_known:
            return
        with evaluation_leaves_no_trace(self.model):
            answers = self._answers()
        losses = scores_of(answers, self._labels, self._chooses)
        scores = scores_of(answers, self._labels, self._metric)
        assert losses is not None
        assert scores is not None
        self._losses.append(-_SIGNS[self._chooses] * losses)
        self._scores.append(_SIGNS[self._metric] * scores)

    def facts(self, examples: int) -> dict[str, Any]:
        """Returns which epoch was restored, counted from 1, and how much the choice flatters.

        `flattery` is in the deciding metric's unit, and above 0 if the figure is better than it
        would be on other examples. It is left out if the epoch was chosen by a figure that is not
        known for each example, or by fewer than FEWEST examples.

        Args:
            examples: number of validation examples that the final figure is measured on. Those
                that had no part in the choice are not flattered.
        """
        found: dict[str, Any] = {"restored_epoch": self._stopping.best_epoch + 1}
        if self._is_known:
            gain = flattery(np.stack(self._losses), np.stack(self._scores))
            found["flattery"] = gain * len(self._labels) / examples
        return found

    def state_dict(self) -> dict[str, Any]:
        """Returns what a resumed run needs."""
        return {"losses": self._losses, "scores": self._scores}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restores the epochs recorded before the run was killed."""
        self._losses, self._scores = list(state["losses"]), list(state["scores"])

    @property
    def _is_known(self) -> bool:
        return self._chooses in _SIGNS and len(self._labels) >= FEWEST


def restoring(
    callbacks: Iterable[keras.callbacks.Callback],
) -> keras.callbacks.EarlyStopping | None:
    """Returns the callback that restores the best weights, or None."""
    return next(
        (
            one
            for one in callbacks
            if isinstance(one, keras.callbacks.EarlyStopping) and one.restore_best_weights
        ),
        None,
    )
