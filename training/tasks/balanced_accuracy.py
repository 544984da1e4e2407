"""Balanced accuracy: the mean accuracy over the classes."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from .class_cross_entropy import as_shares


class BalancedAccuracy(keras.metrics.Metric):
    """The recall of each class, averaged over the classes present.

    An example with mixed labels counts for the class with the largest share.

    Args:
        classes: number of classes, K.
        name: name of the metric.
    """

    def __init__(self, classes: int, name: str = "balanced_accuracy") -> None:
        super().__init__(name=name)
        self.classes = classes
        self._right = self.add_weight(shape=(classes,), initializer="zeros", name="right")
        self._seen = self.add_weight(shape=(classes,), initializer="zeros", name="seen")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts a batch.

        Args:
            y_true: class numbers, (n,) or (n, 1), or shares of the classes, (n, K).
            y_pred: logits, (n, K).
            sample_weight: ignored.
        """
        true = ops.argmax(as_shares(ops.convert_to_tensor(y_true), self.classes), axis=-1)
        is_right = ops.cast(ops.equal(true, ops.argmax(y_pred, axis=-1)), self.dtype)
        of_class = ops.one_hot(true, self.classes, dtype=self.dtype)
        self._seen.assign_add(ops.sum(of_class, axis=0))
        self._right.assign_add(ops.sum(of_class * is_right[:, None], axis=0))

    def result(self) -> Any:
        """Returns the mean over the classes seen."""
        shares = self._right / ops.maximum(self._seen, 1)
        present = ops.sum(ops.cast(self._seen > 0, self.dtype))
        return ops.sum(shares) / ops.maximum(present, 1)
