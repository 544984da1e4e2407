"""The metric that decides: which validation figure runs are compared by, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Deciding:
    """What `task` in run.json and ladder.json tells; without it, an accuracy decides."""

    metric: str = "accuracy"
    direction: str = "max"
    """Which way is better: `max` or `min`."""

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> Deciding:
        """The deciding metric that a run.json or a ladder.json names."""
        task = details.get("task") or {}
        return cls(str(task.get("metric", cls.metric)), str(task.get("direction", cls.direction)))

    @property
    def sign(self) -> int:
        """What a difference is multiplied with, so that above 0 is better."""
        return 1 if self.direction == "max" else -1

    @property
    def is_accuracy(self) -> bool:
        """Whether it is a share of images told rightly."""
        return self.metric == "accuracy"
