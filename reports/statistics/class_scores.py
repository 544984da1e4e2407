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
        """Means over the classes that occur: of precision, recall (balanced accuracy) and F1.

        Those of precision and F1 are over the classes that an example is of or was told to be of,
        where a class that was never told has a precision of 0; that of recall is over the classes
        of which there are examples.
        """
        occurs = ~np.isnan(self.f1)
        precision = np.nan_to_num(self.precision[occurs]).mean()
        return float(precision), float(np.nanmean(self.recall)), float(self.f1[occurs].mean())


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
