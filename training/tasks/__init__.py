"""What a network is trained for: last layer, loss, metrics and final figures, by kind of task."""

from __future__ import annotations

from ...recipes import Task
from .classification import Classification
from .regression import Regression

KINDS: dict[str, type[Classification | Regression]] = {
    "classification": Classification,
    "regression": Regression,
}


def task_at_work(task: Task) -> Classification | Regression:
    """Returns what does the work of a blueprint's task."""
    return KINDS[task.kind](task)
