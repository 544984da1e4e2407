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
# No half of fewer examples tells anything.
FEWEST = 4


class ChosenEpoch(keras.callbacks.Callback):
    """Notes in every epoch how each validation example fares, for a choice among the epochs.

    It stands after the callback that chooses and before whatever takes averaged weights out again.

    Args:
        stopping: the callback that restores the best weights.
        answers: returns what the network now says of the examples that choose.
        labels: theirs.
        metric: the metric that decides the task.
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
        """Returns which epoch it was, from 1, and how much the choice flatters.

        That is in the deciding metric's unit, above 0 where the figure is better than it would be
        on other examples. It is left out where the choice was made by something else than a metric
        that each example has a share in.

        Args:
            examples: number of validation examples that the final figure is measured on; those that
                did not choose are not flattered.
        """
        found: dict[str, Any] = {"restored_epoch": self._stopping.best_epoch + 1}
        if self._is_known:
            gain = flattery(np.stack(self._losses), np.stack(self._scores))
            found["flattery"] = gain * len(self._labels) / examples
        return found

    def state_dict(self) -> dict[str, Any]:
        """Returns what a resumed run has to know."""
        return {"losses": self._losses, "scores": self._scores}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on after the epochs of before the run was killed."""
        self._losses, self._scores = list(state["losses"]), list(state["scores"])

    @property
    def _is_known(self) -> bool:
        return self._chooses in _SIGNS and len(self._labels) >= FEWEST


def restoring(
    callbacks: Iterable[keras.callbacks.Callback],
) -> keras.callbacks.EarlyStopping | None:
    """Returns the callback among them that restores the best weights, if there is one."""
    return next(
        (
            one
            for one in callbacks
            if isinstance(one, keras.callbacks.EarlyStopping) and one.restore_best_weights
        ),
        None,
    )
