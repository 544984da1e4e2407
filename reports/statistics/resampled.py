"""The difference of two arms where each seed has a training and a validation set of its own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from .two_sources import Difference, difference, freedom_of, interval

SPLITS = "seeds, training and evaluated examples"


def difference_over_splits(
    upper: np.ndarray,
    lower: np.ndarray,
    trained: int,
    evaluated: int,
) -> Difference:
    """The mean of `upper` minus `lower` over splits of one data set, with its interval.

    Splits share examples, so that their differences are not independent, and the plain t interval
    of them is too narrow. Nadeau and Bengio (Machine Learning 52, 2003, 239-281) take the variance
    of the mean as (1 / S + evaluated / trained) times that of the S differences: the corrected
    resampled t test. It lays all of their variance on the evaluated examples, of which two splits
    share the part evaluated / (trained + evaluated).

    Where more are evaluated than trained on, training sets make most of the variance, of which two
    splits share the smaller part trained / (trained + evaluated), and the correction is many times
    too wide. With single scores the part V that the evaluated examples make is known, and each part
    is corrected by what is shared of it: with q = trained / evaluated below 1, the variance of the
    mean is (1 / S + q) times that of the differences, and (1 - q) V besides. At q = 1 it is that of
    Nadeau and Bengio. Training sets that share examples are taken to be as alike as their shared
    part, which is the most that they can be, so that intervals are rather too wide than too narrow.

    Args:
        upper: For each seed, which draws a split too, a mean score, of shape (seeds,); or a score
            of each example of its split, (seeds, evaluated).
        lower: The same of the arm that it is compared with, over the same splits, in order.
        trained: How many examples each split trains on.
        evaluated: How many other examples each split is scored on.

    Raises:
        ValueError: The shapes differ or are no such, or there are no examples to train on.
    """
    upper, lower = np.asarray(upper, dtype=float), np.asarray(lower, dtype=float)
    is_by_example = upper.ndim == 2 and upper.shape[1] == evaluated > 1
    if trained < 1 or evaluated < 1 or not (upper.ndim == 1 or is_by_example):
        raise ValueError(
            "A split has a mean score, or one of each example that it is scored on, and examples "
            "to train on and to be scored on. Received: "
            f"upper.shape={upper.shape}, trained={trained}, evaluated={evaluated}"
        )
    above, below = (one.reshape(len(one), -1).mean(axis=1) for one in (upper, lower))
    plain = replace(difference(above, below), covers=SPLITS)
    if is_by_example:
        plain = replace(plain, examples=evaluated)
    if not plain.is_known:
        return plain
    error = plain.standard_error * math.sqrt(1 + plain.seeds * evaluated / trained)
    if is_by_example and evaluated > trained:
        shared = trained / evaluated
        of_examples = float((upper - lower).var(axis=1, ddof=1).mean()) / evaluated
        between = plain.standard_error**2 * (1 + plain.seeds * shared)
        error = math.sqrt(between + (1 - shared) * of_examples)
    # Few splits estimate nearly all of it.
    freedom = freedom_of(plain.seeds, None)
    low, high, p = interval(plain.mean, error, 1.0, freedom)
    return replace(plain, low=low, high=high, p=p, standard_error=error)
