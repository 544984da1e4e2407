"""How much a choice of the epoch flatters the figures of the examples that it was made by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Random halvings; they are the same for the same number of examples.
SPLITS = 20


def flattery(losses: np.ndarray, scores: np.ndarray) -> float:
    """Returns what is to be expected of a figure's gain by choosing the epoch with half of them.

    The examples are halved at random, many times. Of each half the epoch of its lowest mean loss is
    chosen, and there its mean score is compared with that of the other half, which had no say.
    Either half is taken for the choosing one, so that what the two differ by in every epoch cancels
    out. The expectation is that of a choice by a sample of half as many examples, measured against
    all examples that there could be; a choice by all of them flatters less.

    Args:
        losses: what the epoch is chosen by, the lower the better, (epochs, examples).
        scores: what is measured, (epochs, examples).

    Returns:
        The mean score of the halves that chose less that of the others, in the scores' unit.
    """
    gains = [
        scores[epoch, own].mean() - scores[epoch, other].mean()
        for own, other in _halves(losses.shape[1])
        for epoch in [int(losses[:, own].mean(axis=1).argmin())]
    ]
    return float(np.mean(gains))


def _halves(examples: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields a half of the examples and the other one, and the two in turn; of an odd one out."""
    generator = np.random.default_rng(0)
    for _ in range(SPLITS):
        order = generator.permutation(examples)
        one, other = order[: examples // 2], order[examples // 2 : 2 * (examples // 2)]
        yield one, other
        yield other, one
