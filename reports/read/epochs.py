"""The epochs of a history: where a metric was measured, the best one, the mean over trainings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...runs.deciding import Deciding
from ...runs.history import accuracy_name

if TYPE_CHECKING:
    import pandas as pd


class BestEpoch(NamedTuple):
    """The epoch that validation picks."""

    epoch: int
    metric: str
    value: float


def measured(history: pd.DataFrame, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """The epochs and values of those epochs in which `metric` was measured and is finite."""
    if metric not in history:
        return np.empty(0), np.empty(0)
    kept = np.isfinite(history[metric].to_numpy(dtype=float))
    return history["epoch"].to_numpy()[kept], history[metric].to_numpy(dtype=float)[kept]


def best_epoch(history: pd.DataFrame, deciding: Deciding | None = None) -> BestEpoch | None:
    """The first epoch of the best deciding validation figure, else of the lowest validation loss.

    None where neither was measured. The accuracy decides where nothing is said.
    """
    deciding = deciding or Deciding()
    name = accuracy_name(history) if deciding.is_accuracy else deciding.metric
    for metric, sign in ((f"val_{name}", deciding.sign), ("val_loss", -1)):
        epochs, values = measured(history, metric)
        if len(values):
            place = int((sign * values).argmax())
            return BestEpoch(int(epochs[place]), metric, float(values[place]))
    return None


def mean_history(histories: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The mean of each metric over the trainings, in the epochs in which all of them have it.

    Where one has stopped or is no number any more, a mean of the others would be one of survivors.
    """
    import pandas as pd

    if len(histories) == 1:
        return histories[0].replace([np.inf, -np.inf], np.nan)
    together = pd.concat(histories, ignore_index=True)
    by_epoch = together.replace([np.inf, -np.inf], np.nan).groupby("epoch")
    there = [one.notna().any().reindex(together.columns, fill_value=False) for one in histories]
    having = pd.concat(there, axis=1).sum(axis=1)
    means, counts = by_epoch.mean(), by_epoch.count()
    return means.where(counts >= having[means.columns]).reset_index()
