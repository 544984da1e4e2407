"""The metric that decides: by which validation figure runs are compared, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Deciding:
    """What `task` in run.json and ladder.json says; without it, the accuracy decides."""

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
        """The factor by which a difference is multiplied, so that above 0 is better."""
        return 1 if self.direction == "max" else -1

    @property
    def is_accuracy(self) -> bool:
        """Whether it is the share of correctly classified images."""
        return self.metric == "accuracy"
