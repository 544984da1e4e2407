"""What a network is trained for: last layer, loss, metrics and final figures per kind of task."""

from __future__ import annotations

from ...recipes import Task
from .classification import Classification
from .regression import Regression

KINDS: dict[str, type[Classification | Regression]] = {
    "classification": Classification,
    "regression": Regression,
}


def task_at_work(task: Task) -> Classification | Regression:
    """Returns the object that implements a blueprint's task."""
    return KINDS[task.kind](task)
