"""Precision, recall and F1 of each class, and their means over the classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ClassScores:
    """How well each class is told, (classes,) each."""

    precision: np.ndarray
    """Of the examples that were told to be of the class, the share that are; NaN without any."""
    recall: np.ndarray
    """Of the examples of the class, the share told rightly; NaN without any."""
    f1: np.ndarray
    """Their harmonic mean, 2 hits / (told + there are); NaN where the class is neither."""
    counts: np.ndarray
    """Number of examples of the class."""

    def macro(self) -> tuple[float, float, float]:
        """Means of precision, recall and F1 over the classes; what is not known counts as 0."""
        parts = (self.precision, self.recall, self.f1)
        precision, recall, f1 = (float(np.nan_to_num(part).mean()) for part in parts)
        return precision, recall, f1


def class_scores(predicted: np.ndarray, labels: np.ndarray, classes: int) -> ClassScores:
    """Return precision, recall and F1 of each class.

    Args:
        predicted: Class numbers that were told, (n,).
        labels: True class numbers, (n,).
        classes: How many there are.
    """
    told = np.bincount(predicted, minlength=classes)
    counts = np.bincount(labels, minlength=classes)
    hits = np.bincount(labels[predicted == labels], minlength=classes)
    f1 = _share(2 * hits, told + counts)
    return ClassScores(_share(hits, told), _share(hits, counts), f1, counts)


def _share(hits: np.ndarray, of: np.ndarray) -> np.ndarray:
    return np.divide(hits, of, out=np.full(len(of), np.nan), where=of > 0)
