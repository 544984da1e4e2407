"""What one arm is worth over another, and what chance in the seeds and in the examples leaves open.

Every example is scored under every seed, in both arms. The difference of the arms' scores d_ij
(seed i, example j) is then mu + a_i + b_j + e_ij: an effect of the seed, one of the example, and
what is left. Readers and cases of a reader study lie as seeds and examples do here, so that the
analysis is that of multi-reader multi-case studies: the variance of the mean from the mean squares
of a two-way analysis of variance, and the degrees of freedom of Hillis (Statistics in Medicine 26,
2007, 596-619). Gallas, Pennello and Myers (JOSA A 24, 2007, B70-B80) show that scores of 0 and 1
need nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .intervals import CONFIDENCE, Estimate, estimate

SEEDS = "seeds"
SEEDS_AND_EXAMPLES = "seeds and examples"


class MeanSquares(NamedTuple):
    """Those of a two-way analysis of variance of differences; arrays of a study's leading shape."""

    seeds: np.ndarray
    """Of N var(a) + var(e)."""
    examples: np.ndarray
    """Of S var(b) + var(e)."""
    residual: np.ndarray
    """Of var(e)."""


@dataclass(frozen=True)
class Difference:
    """How far the mean score of one arm is above another's; NaN where too few runs can say."""

    mean: float
    low: float
    """Lower end of the interval of the true difference."""
    high: float
    p: float
    """Two-sided, of the hypothesis that the arms do not differ."""
    standard_error: float
    degrees_of_freedom: float
    """Of Student's t, by which the interval and p are read off."""
    covers: str
    """What another choice of would change the mean no more than the interval says."""
    seeds: int
    """How many seeds both arms have."""
    over_seeds: Estimate
    """The same difference with the t interval that covers another choice of seeds alone."""
    correlation: float
    """Pearson's, of the arms' mean scores over the seeds; NaN for fewer than three seeds."""
    examples: int | None = None
    """How many examples were scored; None where only means over them are known."""
    seeds_variance: float = math.nan
    """var(a), what a seed changes alike in all examples; 0.0 where its estimate is below."""
    examples_variance: float = math.nan
    """var(b), what an example changes alike under all seeds; 0.0 where its estimate is below."""
    residual_variance: float = math.nan
    """var(e)."""

    @property
    def is_known(self) -> bool:
        """Whether there is an interval of some width."""
        return self.standard_error > 0 and self.degrees_of_freedom > 0


def difference(upper: np.ndarray, lower: np.ndarray, confidence: float = CONFIDENCE) -> Difference:
    """The mean of `upper` minus `lower`, with its interval.

    Args:
        upper: Scores of shape (seeds, examples), any unit; or of shape (seeds,), a mean score each,
            where the scores of single examples are not known. The interval then covers the choice
            of seeds alone.
        lower: The same of the arm that it is compared with: the same seeds and examples, in order.
        confidence: Of the interval, in 0..1.

    Returns:
        The difference in the scores' unit. Of one seed there is no interval, nor where any score is
        no finite number.

    Raises:
        ValueError: The shapes differ, or are neither of the two.
    """
    upper, lower = _finite(upper), _finite(lower)
    if upper.shape != lower.shape or upper.ndim not in (1, 2) or upper.size == 0:
        raise ValueError(
            "Scores of two arms are paired, so that both have one shape: (seeds, examples) or "
            f"(seeds,). Received: upper.shape={upper.shape}, lower.shape={lower.shape}"
        )
    if upper.ndim == 1 or upper.shape[1] < 2:
        return _over_seeds(upper.reshape(len(upper)), lower.reshape(len(lower)), confidence)
    return _over_both(upper, lower, confidence)


def mean_squares(differences: np.ndarray) -> MeanSquares:
    """The mean squares of `differences` of shape (..., seeds, examples), two or more of each."""
    seeds, examples = differences.shape[-2:]
    by_seed = differences.mean(axis=-1)
    by_example = differences.mean(axis=-2)
    of_seeds = examples * np.var(by_seed, axis=-1) * seeds
    of_examples = seeds * np.var(by_example, axis=-1) * examples
    total = np.var(differences, axis=(-2, -1)) * seeds * examples
    residual = np.maximum(total - of_seeds - of_examples, 0.0)
    return MeanSquares(
        of_seeds / (seeds - 1),
        of_examples / (examples - 1),
        residual / ((seeds - 1) * (examples - 1)),
    )


def error_of_mean(squares: MeanSquares, seeds: int, examples: int) -> tuple[np.ndarray, np.ndarray]:
    """The standard error of the mean of all differences, and the degrees of freedom of its t."""
    both = squares.seeds + np.maximum(squares.examples - squares.residual, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = (both / squares.seeds) ** 2 * (seeds - 1)
    return np.sqrt(both / (seeds * examples)), freedom


def student(
    mean: float, error: float, freedom: float, confidence: float
) -> tuple[float, float, float]:
    """The ends of the t interval of a mean, and the two-sided p of its being 0.

    NaN where the error is 0 or not known: scores that are the same under every seed come of their
    coarseness and are no certainty.
    """
    if not error > 0:
        return math.nan, math.nan, math.nan
    from scipy.special import stdtr, stdtrit  # a tenth of the time that importing scipy.stats takes

    half = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    return mean - half, mean + half, 2 * float(stdtr(freedom, -abs(mean) / error))


def _finite(scores: np.ndarray) -> np.ndarray:
    scores = np.asarray(scores, dtype=float)
    return np.where(np.isfinite(scores), scores, math.nan)


def _over_both(upper: np.ndarray, lower: np.ndarray, confidence: float) -> Difference:
    seeds, examples = upper.shape
    by_seed = _over_seeds(upper.mean(axis=1), lower.mean(axis=1), confidence)
    differences = upper - lower
    if seeds < 2 or math.isnan(by_seed.mean):
        return by_seed
    squares = mean_squares(differences)
    error, freedom = map(float, error_of_mean(squares, seeds, examples))
    low, high, p = student(by_seed.mean, error, freedom, confidence)
    return Difference(
        mean=by_seed.mean,
        low=low,
        high=high,
        p=p,
        standard_error=error,
        degrees_of_freedom=freedom,
        covers=SEEDS_AND_EXAMPLES,
        seeds=seeds,
        over_seeds=by_seed.over_seeds,
        correlation=by_seed.correlation,
        examples=examples,
        seeds_variance=max(float(squares.seeds - squares.residual) / examples, 0.0),
        examples_variance=max(float(squares.examples - squares.residual) / seeds, 0.0),
        residual_variance=float(squares.residual),
    )


def _over_seeds(upper: np.ndarray, lower: np.ndarray, confidence: float) -> Difference:
    differences = upper - lower
    seeds = len(differences)
    mean = float(differences.mean())
    error = float(differences.std(ddof=1)) / math.sqrt(seeds) if seeds > 1 else math.nan
    low, high, p = student(mean, error, seeds - 1, confidence)
    return Difference(
        mean=mean,
        low=low,
        high=high,
        p=p,
        standard_error=error,
        degrees_of_freedom=float(seeds - 1),
        covers=SEEDS,
        seeds=seeds,
        over_seeds=estimate([] if math.isnan(mean) else differences),
        correlation=_correlation(upper, lower),
    )


def _correlation(upper: np.ndarray, lower: np.ndarray) -> float:
    if len(upper) < 3 or not (np.ptp(upper) > 0 and np.ptp(lower) > 0):
        return math.nan
    return float(np.corrcoef(upper, lower)[0, 1])
