"""What an accuracy was reported for: elsewhere it says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..data import DataSpec
from ..recipes import Blueprint, NetworkSettings, Task

# As what the content of data is read: what makes another problem of the same files.
READ_AS = (
    *("image_size", "color", "classes", "inputs", "window", "horizon", "categories"),
    *("num_words", "maxlen"),
)
# Another split, scaling or place of the files makes no other problem.
_OF_DATA = ("name", "limit_train", "target", *READ_AS)


@dataclass(frozen=True)
class Problem:
    """What a baseline learns to predict of which examples, and with which network.

    Attributes:
        data: the settings of the data that make it.
        task: of the baseline.
        network: of the baseline.
        warm_start: the run that its weights start from, None for none.
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
        """Whether accuracy decides, so that reported ones stand beside what was measured."""
        return self.task.metric == "accuracy"
