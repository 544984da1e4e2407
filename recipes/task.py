"""The task of a blueprint: what the network is to say, and which figure decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import RecipeError
from .slot import Slot

# The metrics that may decide a task, the first unless told otherwise, and which way is better.
METRICS = {
    "classification": {"accuracy": "max", "cross_entropy": "min", "balanced_accuracy": "max"},
    "regression": {"rmse": "min", "mae": "min"},
}


@dataclass(frozen=True)
class Task:
    """What a network is trained for.

    Attributes:
        kind: "classification" (one of several classes: logits, cross-entropy) or "regression"
            (one number: its mean squared error).
        decides: the validation metric that rungs are compared by: accuracy (a share, 0..1),
            cross_entropy (nats) or balanced_accuracy (the mean of the classes' own accuracies) of
            a classification, rmse or mae (in units of the target) of a regression; None is the
            first of these.
        loss: the loss, in place of the kind's own; of logits for a classification.
    """

    kind: str = "classification"
    decides: str | None = None
    loss: Slot | None = None

    def __post_init__(self) -> None:
        if self.kind not in METRICS:
            raise RecipeError(f"kind must be one of {', '.join(METRICS)}. Received: {self.kind!r}")
        known = METRICS[self.kind]
        if self.decides is not None and self.decides not in known:
            raise RecipeError(
                f"decides must be one of {', '.join(known)} for a {self.kind}. "
                f"Received: decides={self.decides!r}"
            )
        if self.decides == next(iter(known)):
            # Named or not, it is the same task.
            object.__setattr__(self, "decides", None)

    @property
    def metric(self) -> str:
        """The name of the metric that decides."""
        return self.decides or next(iter(METRICS[self.kind]))

    @property
    def direction(self) -> str:
        """Which way is better: "max" or "min"."""
        return METRICS[self.kind][self.metric]

    def facts(self) -> dict[str, Any]:
        """Returns what run.json and ladder.json tell of it, for reports."""
        return {"name": self.kind, "metric": self.metric, "direction": self.direction}
