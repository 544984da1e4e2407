"""How much choosing the best epoch flatters the figures of the examples it was chosen by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Number of random halvings; they are the same for the same number of examples.
SPLITS = 20


def flattery(losses: np.ndarray, scores: np.ndarray) -> float:
    """Returns the expected gain of a figure when half of the examples choose the epoch.

    The examples are halved at random, many times. One half chooses the epoch with its lowest mean
    loss, and its mean score there is compared with the mean score of the other half, which had no
    part in the choice. Then the halves change places, so that a difference between them that is the
    same in every epoch cancels out. The result estimates how much a choice by half as many examples
    flatters, compared with all examples that there could be; a choice by all of the examples
    flatters less.

    Args:
        losses: what the epoch is chosen by, the lower the better, (epochs, examples).
        scores: what is measured, (epochs, examples).

    Returns:
        The mean score of the halves that chose minus that of the other halves, in the scores' unit.
    """
    gains = [
        scores[epoch, own].mean() - scores[epoch, other].mean()
        for own, other in _halves(losses.shape[1])
        for epoch in [int(losses[:, own].mean(axis=1).argmin())]
    ]
    return float(np.mean(gains))


def _halves(examples: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields two halves of the examples, then the same two swapped; an odd example is left out."""
    generator = np.random.default_rng(0)
    for _ in range(SPLITS):
        order = generator.permutation(examples)
        one, other = order[: examples // 2], order[examples // 2 : 2 * (examples // 2)]
        yield one, other
        yield other, one
