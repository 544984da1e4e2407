"""The epochs of a history: where a metric was measured, the best one, the mean over trainings."""

from __future__ import annotations

import math
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
    values = history[metric].to_numpy(dtype=float)
    kept = np.isfinite(values)
    return history["epoch"].to_numpy()[kept], values[kept]


def final_level(values: np.ndarray) -> float:
    """The mean of the last eighth of `values`, or the last of a few; NaN where there are none."""
    return float(values[-max(len(values) // 8, 1) :].mean()) if len(values) else math.nan


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

    If one has stopped or is not a number any more, the mean of the others would be of survivors.
    """
    import pandas as pd

    names = list(dict.fromkeys(name for one in histories for name in one if name != "epoch"))
    epochs = np.unique(np.concatenate([one["epoch"].to_numpy() for one in histories]))
    values = np.full((len(histories), len(epochs), len(names)), np.nan)
    for place, one in enumerate(histories):
        own = one.drop(columns="epoch")
        rows = np.searchsorted(epochs, one["epoch"].to_numpy())
        columns = np.array([names.index(name) for name in own], dtype=int)
        values[place][np.ix_(rows, columns)] = own.to_numpy(float)
    there = np.isfinite(values)
    # Of the trainings, how many have a metric in an epoch, and how many have it at all.
    counts, having = there.sum(axis=0), there.any(axis=1).sum(axis=0)
    sums = np.where(there, values, 0.0).sum(axis=0)
    means = np.where(counts >= np.maximum(having, 1), sums / np.maximum(counts, 1), np.nan)
    return pd.DataFrame(means, columns=names).assign(epoch=epochs)[["epoch", *names]]
