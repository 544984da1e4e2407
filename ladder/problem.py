"""The problem that an accuracy was reported for: it says nothing about any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..data import DataSpec
from ..recipes import Blueprint, NetworkSettings, Task

# How the content of data is read: with other settings the same files are another problem.
READ_AS = (
    *("image_size", "color", "classes", "inputs", "window", "horizon", "categories"),
    *("num_words", "maxlen"),
)
# With another split, scaling or place of the files the problem is the same.
_OF_DATA = ("name", "limit_train", "target", *READ_AS)


@dataclass(frozen=True)
class Problem:
    """What a baseline learns to predict, from which examples and with which network.

    Attributes:
        data: the data settings that define the problem.
        task: the baseline's.
        network: the baseline's.
        warm_start: the run that the baseline's weights start from, None for none.
    """

    data: tuple[Any, ...]
    task: Task
    network: NetworkSettings
    warm_start: str | None

    @classmethod
    def of(cls, data: DataSpec, baseline: Blueprint) -> Problem:
        """Returns the problem of a ladder with these data and this baseline."""
        settings = tuple(getattr(data, name) for name in _OF_DATA)
        return cls(settings, baseline.task, baseline.network, baseline.training.warm_start)

    @property
    def is_told_by_accuracy(self) -> bool:
        """Whether accuracy decides, so that reported accuracies compare with measured ones."""
        return self.task.metric == "accuracy"
