"""Cross-entropy with smoothed labels and weighted classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("trickbook")
class ClassCrossEntropy(keras.losses.Loss):
    """Cross-entropy of logits with labels as class numbers or as shares of the classes.

    With shares t (one-hot for a class number), K classes, smoothing e and class weights w, the loss
    of an example is (sum_k w_k t_k) * -sum_k ((1 - e) t_k + e / K) log softmax(logits)_k. The loss
    of a batch is the mean over its examples, as with Keras's `class_weight`.

    Args:
        label_smoothing: share of each label spread over all classes, in 0..1.
        class_weights: how much the examples of each class count; None: all count the same.
        name: name of the loss.
        reduction: as in Keras's other losses.
        dtype: as in Keras's other losses.
    """

    # As in Keras's losses, for callbacks that look at the loss to interpret the outputs.
    from_logits = True

    def __init__(
        self,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
        name: str = "class_cross_entropy",
        reduction: str = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.label_smoothing = label_smoothing
        self.class_weights = None if class_weights is None else tuple(class_weights)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the loss of each example, (n,).

        Args:
            y_true: class numbers, (n,) or (n, 1), or shares of the classes, (n, K).
            y_pred: logits, (n, K).
        """
        shares = as_shares(y_true, y_pred.shape[-1])
        shares = ops.cast(shares, y_pred.dtype)
        losses = keras.losses.categorical_crossentropy(
            shares, y_pred, from_logits=True, label_smoothing=self.label_smoothing
        )
        if self.class_weights is None:
            return losses
        return losses * ops.sum(shares * ops.cast(self.class_weights, y_pred.dtype), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        own = {"label_smoothing": self.label_smoothing, "class_weights": self.class_weights}
        return {**super().get_config(), **own}


def as_shares(labels: Any, classes: int) -> Any:
    """Returns labels as shares of the classes, (n, K).

    Args:
        labels: class numbers, (n,) or (n, 1), or shares, (n, K).
        classes: K, 2 or more.
    """
    if len(labels.shape) == 2 and labels.shape[-1] == classes:
        return labels
    return ops.one_hot(ops.cast(ops.reshape(labels, (-1,)), "int32"), classes)


def share_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Returns for which examples the largest logit belongs to the class, (n,).

    For labels as shares, that is the class with the largest share. The arguments are as in
    `ClassCrossEntropy.call`.
    """
    shares = as_shares(y_true, y_pred.shape[-1])
    return keras.metrics.categorical_accuracy(shares, y_pred)


def share_cross_entropy(y_true: Any, y_pred: Any) -> Any:
    """Returns the plain cross-entropy of each example, (n,)."""
    shares = ops.cast(as_shares(y_true, y_pred.shape[-1]), y_pred.dtype)
    return keras.metrics.categorical_crossentropy(shares, y_pred, from_logits=True)
