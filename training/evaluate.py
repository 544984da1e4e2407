"""Measuring a trained network: what metrics.json says."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ..data import Dataset, Scaling


def final_metrics(network: keras.Model, data: Dataset, batch_size: int) -> dict[str, Any]:
    """Returns the figures of a trained network on all images of every split.

    Accuracies are in 0..1, cross-entropies in nats per image, without penalties, dropout or
    augmentation; F1, balanced accuracy and the confusion matrix (rows true, columns predicted)
    are those of the test set.

    Args:
        network: scaled images -> logits.
        data: what to measure on.
        batch_size: images per forward pass, of one shape so that it is traced once.
    """
    from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score

    metrics: dict[str, Any] = {
        "params": int(sum(np.prod(weight.shape) for weight in network.trainable_weights)),
        "classes": list(data.classes),
    }
    logits = {
        split: predict_logits(network, getattr(data, f"x_{split}"), data.scaling, batch_size)
        for split in ("train", "val", "test")
    }
    for split, rows in logits.items():
        labels = np.asarray(getattr(data, f"y_{split}"))
        metrics[f"{split}_accuracy"] = float((rows.argmax(axis=1) == labels).mean())
        metrics[f"{split}_cross_entropy"] = _cross_entropy(rows, labels)
    labels, predicted = np.asarray(data.y_test), logits["test"].argmax(axis=1)
    matrix = confusion_matrix(labels, predicted, labels=range(len(data.classes)))
    metrics["test_macro_f1"] = float(f1_score(labels, predicted, average="macro", zero_division=0))
    metrics["test_balanced_accuracy"] = float(balanced_accuracy_score(labels, predicted))
    metrics["confusion"] = matrix.tolist()
    return metrics


def predict_logits(
    network: keras.Model, images: np.ndarray, scaling: Scaling, batch_size: int
) -> np.ndarray:
    """Returns the logits of raw images, (n, classes), float64."""
    parts = []
    for start in range(0, len(images), batch_size):
        batch = scaling.apply(images[start : start + batch_size])
        missing = batch_size - len(batch)
        filled = np.concatenate([batch, np.repeat(batch[-1:], missing, axis=0)])
        parts.append(network.predict_on_batch(filled)[: len(batch)])
    return np.concatenate(parts).astype(np.float64)


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    from scipy.special import log_softmax

    return float(-log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean())
