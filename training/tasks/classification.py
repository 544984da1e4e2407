"""Classification: predicting one of several classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from ...data import Dataset
from ...recipes import Task
from .balanced_accuracy import BalancedAccuracy
from .class_cross_entropy import ClassCrossEntropy, share_accuracy, share_cross_entropy


class Classification:
    """Predicting one of several classes: logits, cross-entropy, accuracy.

    Args:
        task: the blueprint's task.
    """

    output_name = "logits"

    def __init__(self, task: Task) -> None:
        self.task = task

    @property
    def _is_balanced(self) -> bool:
        return self.task.metric == "balanced_accuracy"

    def units(self, data: Dataset) -> int:
        """Returns the number of outputs per example."""
        return len(data.classes)

    def loss(
        self,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
        *,
        mixes: bool = False,
    ) -> keras.losses.Loss:
        """Returns the loss of logits against class numbers.

        Args:
            label_smoothing: share of each label spread over all classes.
            class_weights: how much the examples of each class count; None: all count the same.
            mixes: whether training labels are shares of the classes rather than class numbers.
        """
        if self.task.loss is not None:
            return self.task.loss.config.build()
        if label_smoothing or class_weights is not None or mixes:
            return ClassCrossEntropy(label_smoothing, class_weights)
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def metrics(self, units: int, *, mixes: bool = False) -> list[keras.metrics.Metric]:
        """Returns the metrics of every epoch, for a network with `units` outputs.

        If training labels are shares of the classes (`mixes`), the accuracy uses the class with the
        largest share, and the cross-entropy uses all shares.
        """
        # Objects, not names: a metric that Keras makes from a name has no variables until the
        # training step is traced, and TensorFlow then traces it twice.
        chosen = [BalancedAccuracy(units)] if self._is_balanced else []
        if mixes:
            return [
                keras.metrics.MeanMetricWrapper(share_accuracy, name="accuracy"),
                keras.metrics.MeanMetricWrapper(share_cross_entropy, name="cross_entropy"),
                *chosen,
            ]
        return [
            keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
            # The loss includes penalties, so it cannot be compared across rungs; this can.
            keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="cross_entropy"),
            *chosen,
        ]

    def training_targets(self, data: Dataset, *, mixes: bool) -> np.ndarray:
        """Returns class numbers, or shares of the classes, (n, classes), that can be mixed."""
        labels = data.towards("train")
        return np.eye(len(data.classes), dtype="float32")[labels] if mixes else labels

    def callbacks(self, data: Dataset) -> list[keras.callbacks.Callback]:
        """Returns callbacks that come before those that record an epoch."""
        return []

    def clean_callbacks(self, data: Dataset) -> list[keras.callbacks.Callback]:
        """Returns callbacks between the clean evaluation of training examples and recording."""
        return []

    def answers(self, outputs: np.ndarray, data: Dataset) -> np.ndarray:
        """Returns the network's outputs as they are recorded: logits (n, classes)."""
        return outputs

    def figures(self, outputs: dict[str, np.ndarray], data: Dataset) -> dict[str, Any]:
        """Returns the final figures.

        Accuracies are in 0..1, cross-entropies in nats per example. F1 and the confusion matrix
        (rows true, columns predicted) are for the test set, if it is among the splits. The balanced
        accuracy (the mean accuracy over the classes) is for validation and test set, and for the
        training set only if it is the deciding metric.

        Args:
            outputs: logits of every example by split, (n, classes).
            data: the data set with the labels.
        """
        from sklearn.metrics import balanced_accuracy_score

        figures: dict[str, Any] = {"classes": list(data.classes)}
        for split, logits in outputs.items():
            labels = data.labels(split)
            figures[f"{split}_accuracy"] = float((logits.argmax(axis=1) == labels).mean())
            figures[f"{split}_cross_entropy"] = _cross_entropy(logits, labels)
            if split != "train" or self._is_balanced:
                balanced = balanced_accuracy_score(labels, logits.argmax(axis=1))
                figures[f"{split}_balanced_accuracy"] = float(balanced)
        if "test" in outputs:
            figures |= _confusions(outputs["test"].argmax(axis=1), data)
        return figures


def _confusions(predicted: np.ndarray, data: Dataset) -> dict[str, Any]:
    """Returns the macro F1 and the confusion matrix of the test set."""
    from sklearn.metrics import confusion_matrix, f1_score

    labels = data.labels("test")
    macro = f1_score(labels, predicted, average="macro", zero_division=0)
    matrix = confusion_matrix(labels, predicted, labels=range(len(data.classes)))
    return {"test_macro_f1": float(macro), "confusion": matrix.tolist()}


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    from scipy.special import log_softmax

    return float(-log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean())
