"""Which metric of a history is read, and which of its columns hold it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from ...runs.history import ACCURACIES

# Words in a metric's name that say whether more of it is better; all Keras metrics have one.
_SHARES = (
    *("acc", "accuracy", "auc", "precision", "recall", "sensitivity", "specificity"),
    *("f1", "fbeta", "iou", "io", "dice", "r2"),
)
_ERRORS = (
    *("loss", "error", "mse", "mae", "mape", "msle", "rmse", "mase", "perplexity"),
    *("crossentropy", "entropy", "divergence", "hinge", "huber", "logcosh", "poisson"),
)


@dataclass(frozen=True)
class ReadMetric:
    """A metric of one output, and where a history has it.

    Attributes:
        name: Keras's name of it, without `val_`.
        is_share: Whether it is 1 at best, as an accuracy is; else it is an error, and less is
            better.
        clean: The column of its clean training figures.
        loss: The metric by whose turn over-fitting is dated: the plain cross-entropy, else the
            loss, of the same output; `name` itself where it is an error.
    """

    name: str
    is_share: bool
    clean: str
    loss: str

    @property
    def val(self) -> str:
        """The column of its validation figures."""
        return f"val_{self.name}"

    @property
    def sign(self) -> int:
        """The factor for differences that makes above 0 better."""
        return 1 if self.is_share else -1

    def errors(self, values: np.ndarray) -> np.ndarray:
        """Values of the metric as the distance to the best value, lower being better."""
        return 1 - values if self.is_share else values

    def value(self, error: float) -> float:
        """The metric's value at an error, or the error at a value: it is its own inverse."""
        return 1 - error if self.is_share else error


def read_metric(columns: Collection[str], name: str | None = None) -> ReadMetric | None:
    """The metric to read: the one named, else the accuracy, the plain cross-entropy or the loss.

    Args:
        columns: What was recorded.
        name: Of a metric, with or without `val_`.

    Returns:
        None where the metric was not recorded.

    Raises:
        ValueError: It cannot be told from `name` whether more or less of it is better.
    """
    if name is None:
        found = [one for one in (*ACCURACIES, "cross_entropy", "loss") if _is_in(columns, one)]
        # A cross-entropy of the training set alone is no better than the loss with validation.
        found.sort(key=lambda one: one not in ACCURACIES and f"val_{one}" not in columns)
    else:
        name = name.removeprefix("val_")
        found = [name] if _is_in(columns, name) else []
        is_share(name)
    if not found:
        return None
    metric, share = found[0], is_share(found[0])
    return ReadMetric(
        name=metric,
        is_share=share,
        clean=f"train_clean_{_clean(metric)}",
        loss=_loss(columns, metric) if share else metric,
    )


def is_share(name: str) -> bool:
    """Whether a metric of that name is best at 1, as an accuracy; else it is an error.

    Raises:
        ValueError: The name does not tell.
    """
    words = re.split(r"[^a-z0-9]+", name.lower())
    # The last one counts: what stands before the metric is the name of its output.
    last = next((word for word in reversed(words) if word in _SHARES + _ERRORS), None)
    if last is None:
        raise ValueError(
            "It is not known whether higher or lower is better for this metric. Give one whose "
            f"name has one of the words {', '.join(_SHARES + _ERRORS)}. Received: metric={name!r}"
        )
    return last in _SHARES


def _is_in(columns: Collection[str], name: str) -> bool:
    return name in columns or f"val_{name}" in columns


def _clean(metric: str) -> str:
    """What CleanEvaluation calls a metric: an accuracy is one, whatever Keras calls it."""
    longest_first = sorted(ACCURACIES, key=len, reverse=True)
    keras_name = next((one for one in longest_first if f"_{metric}".endswith(f"_{one}")), None)
    return metric if keras_name is None else f"{metric.removesuffix(keras_name)}accuracy"


def _loss(columns: Collection[str], accuracy: str) -> str:
    """The loss of the output that an accuracy belongs to; of `a_accuracy` that is `a_loss`."""
    parts = accuracy.split("_")
    outputs = ["".join(f"{part}_" for part in parts[:count]) for count in range(len(parts))[::-1]]
    names = [f"{output}{loss}" for output in outputs for loss in ("cross_entropy", "loss")]
    return next((one for one in names if f"val_{one}" in columns), "loss")
