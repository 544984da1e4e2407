"""The task of a blueprint: what the network should predict, and which figure decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .config import Config
from .errors import RecipeError
from .slot import Slot, check_slot

# The metrics that may decide a task (the first by default), and which way is better.
METRICS = {
    "classification": {"accuracy": "max", "cross_entropy": "min", "balanced_accuracy": "max"},
    "regression": {"rmse": "min", "mae": "min"},
}

# The losses of a regression by name, for standardised targets. The mean squared error is its own;
# Huber's is squared up to one standard deviation of the target (Huber 1964; deck L4).
LOSSES = {
    "mse": None,
    "mae": Config.of("keras.losses:MeanAbsoluteError"),
    "huber": Config.of("keras.losses:Huber", delta=1.0),
}


@dataclass(frozen=True)
class Task:
    """What a network is trained for.

    Attributes:
        kind: "classification" (one of several classes: logits, cross-entropy) or "regression"
            (one number: its mean squared error). Two classes have two logits, too: the softmax of
            two is the logistic function of their difference, so that their cross-entropy is the
            binary one of a single logit.
        decides: the validation metric that rungs are compared by: accuracy (a share, 0..1),
            cross_entropy (nats) or balanced_accuracy (the mean of the classes' own accuracies) of
            a classification, rmse or mae (in units of the target) of a regression; None is the
            first of these.
        loss: the loss, in place of the kind's own; for a classification it takes logits.
    """

    kind: str = "classification"
    decides: str | None = None
    loss: Slot | None = None

    def __post_init__(self) -> None:
        if self.kind not in METRICS:
            raise RecipeError(f"kind must be one of {', '.join(METRICS)}. Received: {self.kind!r}")
        if isinstance(self.loss, str):
            raise RecipeError(
                "loss must be a slot; Task.named takes the name of one. "
                f"Received: loss={self.loss!r}"
            )
        check_slot("loss", self.loss)
        known = METRICS[self.kind]
        if self.decides is not None and self.decides not in known:
            raise RecipeError(
                f"decides must be one of {', '.join(known)} for a {self.kind}. "
                f"Received: decides={self.decides!r}"
            )
        if self.decides == next(iter(known)):
            # Named or not, it is the same task.
            object.__setattr__(self, "decides", None)

    @classmethod
    def named(
        cls, kind: str | None = None, decides: str | None = None, loss: str | None = None
    ) -> Task:
        """Returns the task that `[task]` of a ladder file describes.

        Args:
            kind: None is a regression if `loss` is given, otherwise the kind that `decides` belongs
                to, or a classification without it.
            decides: like the attribute.
            loss: for a regression, one of `LOSSES`; None is its mean squared error.

        Raises:
            RecipeError: for a value that is none of these.
        """
        for name, value in (("kind", kind), ("decides", decides), ("loss", loss)):
            if value is not None and not isinstance(value, str):
                raise RecipeError(f"{name} must be a name. Received: {name}={value!r}")
        of_decides = next((of for of, names in METRICS.items() if decides in names), None)
        kind = kind or (of_decides if loss is None else "regression") or "classification"
        task = cls(kind, decides)
        if loss is None:
            return task
        if kind != "regression":
            raise RecipeError(
                f"loss is for a regression, and a {kind} has the cross-entropy. Leave it out."
            )
        if loss not in LOSSES:
            raise RecipeError(f"loss must be one of {', '.join(LOSSES)}. Received: loss={loss!r}")
        config = LOSSES[loss]
        return task if config is None else cls(kind, decides, Slot("[task]", config))

    @property
    def metric(self) -> str:
        """The name of the metric that decides."""
        return self.decides or next(iter(METRICS[self.kind]))

    @property
    def monitored(self) -> str:
        """The validation figure for callbacks that wait for a lower loss.

        Unlike `val_loss`, it contains no penalties and no smoothing, which change the loss whatever
        the validation examples are.
        """
        return {"classification": "val_cross_entropy", "regression": "val_rmse"}[self.kind]

    @property
    def direction(self) -> str:
        """Which way is better: "max" or "min"."""
        return METRICS[self.kind][self.metric]

    def facts(self) -> dict[str, Any]:
        """Returns what run.json and ladder.json record of it, for reports."""
        return {"name": self.kind, "metric": self.metric, "direction": self.direction}
