"""Precision and recall of each class."""

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
    counts: np.ndarray
    """Number of examples of the class."""


def class_scores(predicted: np.ndarray, labels: np.ndarray, classes: int) -> ClassScores:
    """Return precision and recall of each class.

    Args:
        predicted: Class numbers that were told, (n,).
        labels: True class numbers, (n,).
        classes: How many there are.
    """
    told = np.bincount(predicted, minlength=classes)
    counts = np.bincount(labels, minlength=classes)
    hits = np.bincount(labels[predicted == labels], minlength=classes)
    return ClassScores(_share(hits, told), _share(hits, counts), counts)


def _share(hits: np.ndarray, of: np.ndarray) -> np.ndarray:
    return np.divide(hits, of, out=np.full(len(of), np.nan), where=of > 0)
