"""Whether a classifier is right as often as it says: the expected calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 15
"""As in Guo et al. 2017, On Calibration of Modern Neural Networks (arXiv 1706.04599)."""


@dataclass(frozen=True)
class Calibration:
    """Examples sorted by the probability of the class that they were told to be."""

    confidence: np.ndarray
    """Mean probability of the told class in each bin, (bins,); NaN where it is empty."""
    accuracy: np.ndarray
    """Share told rightly in each bin, (bins,); NaN where it is empty."""
    counts: np.ndarray
    """Number of examples in each bin, (bins,)."""

    @property
    def error(self) -> float:
        """The expected calibration error: the bins' mean |accuracy - confidence|, by their counts.

        In 0..1, 0 for a classifier that is right as often as it says. It is a little above 0 for
        such a one too, as each bin's accuracy is one of few examples.
        """
        filled = self.counts > 0
        gaps = np.abs(self.accuracy[filled] - self.confidence[filled])
        return float((gaps * self.counts[filled]).sum() / self.counts.sum())


def calibration(logits: np.ndarray, labels: np.ndarray) -> Calibration:
    """Sort examples by the probability of their told class, into `BINS` bins of equal width.

    The first is (0, 1 / BINS].

    Args:
        logits: (n, classes), n at least 1.
        labels: True class numbers, (n,).
    """
    from scipy.special import softmax

    probabilities = softmax(logits, axis=1)
    told = probabilities.argmax(axis=1)
    confidence = probabilities[np.arange(len(told)), told]
    places = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    return Calibration(
        _mean_in_bins(confidence, places, counts),
        _mean_in_bins((told == labels).astype(float), places, counts),
        counts,
    )


def pooled(parts: Sequence[Calibration]) -> Calibration:
    """Return the calibration of all examples of several classifiers together, each its own."""
    counts = np.sum([part.counts for part in parts], axis=0)
    return Calibration(
        _pooled_mean([part.confidence for part in parts], parts, counts),
        _pooled_mean([part.accuracy for part in parts], parts, counts),
        counts,
    )


def _mean_in_bins(values: np.ndarray, places: np.ndarray, counts: np.ndarray) -> np.ndarray:
    sums = np.bincount(places, weights=values, minlength=len(counts))
    return np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)


def _pooled_mean(
    means: list[np.ndarray], parts: Sequence[Calibration], counts: np.ndarray
) -> np.ndarray:
    sums = sum(np.nan_to_num(mean) * part.counts for mean, part in zip(means, parts, strict=True))
    return np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
