"""Telling one of several classes."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ...data import Dataset
from ...recipes import Task


class Classification:
    """One of several classes: logits, cross-entropy, accuracy.

    Args:
        task: what is told of it in a blueprint.
    """

    output_name = "logits"

    def __init__(self, task: Task) -> None:
        self.task = task

    def units(self, data: Dataset) -> int:
        """Returns how many numbers the network gives for an example."""
        return len(data.classes)

    def loss(self) -> keras.losses.Loss:
        """Returns the loss of logits against class numbers."""
        if self.task.loss is None:
            return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        return self.task.loss.config.build()

    def metrics(self) -> list[keras.metrics.Metric]:
        """Returns what is measured in every epoch."""
        # Objects, not names: what Keras makes of a name has no variables until the training
        # step is traced, and TensorFlow then traces it twice.
        return [
            keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
            # The loss holds any penalty, so it does not compare across rungs; this does.
            keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="cross_entropy"),
        ]

    def callbacks(self, data: Dataset) -> list[keras.callbacks.Callback]:
        """Returns what comes before the callbacks that record an epoch."""
        return []

    def answers(self, outputs: np.ndarray, data: Dataset) -> np.ndarray:
        """Returns the network's outputs as they are recorded: logits (n, classes)."""
        return outputs

    def figures(self, outputs: dict[str, np.ndarray], data: Dataset) -> dict[str, Any]:
        """Returns the final figures.

        Accuracies are in 0..1, cross-entropies in nats per image; F1 and the confusion matrix (rows
        true, columns predicted) are those of the test set, if it is there, the balanced accuracy
        (the mean of the classes' own) that of validation and test set.

        Args:
            outputs: logits of every image by split, (n, classes).
            data: the labels.
        """
        from sklearn.metrics import balanced_accuracy_score

        figures: dict[str, Any] = {"classes": list(data.classes)}
        for split, logits in outputs.items():
            labels = data.labels(split)
            figures[f"{split}_accuracy"] = float((logits.argmax(axis=1) == labels).mean())
            figures[f"{split}_cross_entropy"] = _cross_entropy(logits, labels)
            if split != "train":
                balanced = balanced_accuracy_score(labels, logits.argmax(axis=1))
                figures[f"{split}_balanced_accuracy"] = float(balanced)
        if "test" in outputs:
            figures |= _confusions(outputs["test"].argmax(axis=1), data)
        return figures


def _confusions(predicted: np.ndarray, data: Dataset) -> dict[str, Any]:
    """Returns the macro F1 of the test set and which class was taken for which in it."""
    from sklearn.metrics import confusion_matrix, f1_score

    labels = data.labels("test")
    macro = f1_score(labels, predicted, average="macro", zero_division=0)
    matrix = confusion_matrix(labels, predicted, labels=range(len(data.classes)))
    return {"test_macro_f1": float(macro), "confusion": matrix.tolist()}


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    from scipy.special import log_softmax

    return float(-log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean())
