"""The difference of two arms where each seed has a training and a validation set of its own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from .behrens_fisher import matching_distance, one_sided_p
from .intervals import CONFIDENCE
from .two_sources import Difference, difference

SPLITS = "seeds, training and evaluated examples"


def difference_over_splits(
    upper: np.ndarray,
    lower: np.ndarray,
    trained: int,
    evaluated: int,
    confidence: float = CONFIDENCE,
) -> Difference:
    """The mean of `upper` minus `lower` over splits of one data set, with its interval.

    Splits share examples, so that their differences are not independent, and the plain t interval
    of them is too narrow. Nadeau and Bengio (Machine Learning 52, 2003, 239-281) take the variance
    of the mean as (1 / S + evaluated / trained) times that of the S differences: the corrected
    resampled t test.

    Args:
        upper: A mean score for each seed, which draws a split too; of shape (seeds,).
        lower: The same of the arm that it is compared with, over the same splits, in order.
        trained: How many examples each split trains on.
        evaluated: How many other examples each split is scored on.
        confidence: Of the interval, in 0..1.

    Raises:
        ValueError: The shapes differ or are no such, or there are no examples to train on.
    """
    if trained < 1 or evaluated < 1 or np.ndim(upper) != 1:
        raise ValueError(
            "A split has a mean score, and examples to train on and to be scored on. Received: "
            f"upper.shape={np.shape(upper)}, trained={trained}, evaluated={evaluated}"
        )
    plain = difference(upper, lower, confidence)
    if not plain.is_known:
        return replace(plain, covers=SPLITS)
    error = plain.standard_error * math.sqrt(1 + plain.seeds * evaluated / trained)
    share, freedom = np.array(1.0), plain.seeds - 1
    half = float(matching_distance((1 - confidence) / 2, share, freedom)) * error
    return replace(
        plain,
        low=plain.mean - half,
        high=plain.mean + half,
        p=2 * float(one_sided_p(np.array(abs(plain.mean) / error), share, freedom)),
        standard_error=error,
        covers=SPLITS,
    )
