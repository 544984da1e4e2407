"""What one arm is worth over another, and what chance in the seeds and in the examples leaves open.

Every example is scored under every seed, in both arms. The difference of the arms' scores d_ij
(seed i, example j) is then mu + a_i + b_j + e_ij: an effect of the seed, one of the example, and
what is left. Readers and cases of a reader study lie as seeds and examples do here, so that the
variance of the mean is that of multi-reader multi-case studies, from the mean squares of a two-way
analysis of variance (Hillis, Statistics in Medicine 26, 2007, 596-619). Gallas, Pennello and Myers
(JOSA A 24, 2007, B70-B80) show that scores of 0 and 1 need nothing else. The law by which p and the
interval are read off is that of `behrens_fisher`: the seeds' part of the variance is estimated with
one degree of freedom less than there are seeds, the examples' with one less than there are
examples, so that few of either make it wide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .behrens_fisher import Freedom, matching_distance, one_sided_p
from .intervals import CONFIDENCE, Estimate, estimate

SEEDS = "seeds"
SEEDS_AND_EXAMPLES = "seeds and examples"
# Mean squares of this share of the others are rounding.
_ROUNDING = 1e-12


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
    seeds_share: float
    """How much of the square of the standard error the seeds estimate, in 0..1."""
    degrees_of_freedom: float
    """Hillis's: those of the t distribution that comes near to how the mean is spread."""
    covers: str
    """What another choice of would change the mean no more than the interval says."""
    seeds: int
    """How many seeds both arms have."""
    over_seeds: Estimate
    """The same difference with the t interval that covers another choice of seeds alone."""
    correlation: float
    """Pearson's, of the arms' mean scores over the seeds; NaN for fewer than three seeds."""
    examples: int | None = None
    """How many examples were scored, or blocks of them; None where only means are known."""
    seeds_variance: float = math.nan
    """var(a), what a seed changes alike in all examples; 0.0 where its estimate is below."""
    examples_variance: float = math.nan
    """var(b), what an example changes alike under all seeds; 0.0 where its estimate is below."""
    residual_variance: float = math.nan
    """var(e)."""

    @property
    def is_known(self) -> bool:
        """Whether there is an interval of some width."""
        return not math.isnan(self.p)

    def p_at_most(self, value: float) -> float:
        """The one-sided p of the hypothesis that the true difference is at most `value`."""
        return self._p_beyond(self.mean - value)

    def p_at_least(self, value: float) -> float:
        """The one-sided p of the hypothesis that the true difference is at least `value`."""
        return self._p_beyond(value - self.mean)

    def _p_beyond(self, distance: float) -> float:
        freedom = freedom_of(self.seeds, self.examples)
        errors = np.array(distance / self.standard_error)
        return float(one_sided_p(errors, np.array(self.seeds_share), freedom))


def difference(upper: np.ndarray, lower: np.ndarray) -> Difference:
    """The mean of `upper` minus `lower`, with its 95 % interval.

    Args:
        upper: Scores of shape (seeds, examples), any unit; or of shape (seeds,), a mean score each,
            where the scores of single examples are not known. The interval then covers the choice
            of seeds alone.
        lower: The same of the arm that it is compared with: the same seeds and examples, in order.

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
        return _over_seeds(upper.reshape(len(upper)), lower.reshape(len(lower)))
    return _over_both(upper, lower)


def freedom_of(seeds: int, examples: int | None) -> Freedom:
    """Of the estimates of the seeds' and of the examples' part, two or more of each.

    Without `examples` seeds estimate all of the variance, and what is behind the rest is no matter.
    """
    return Freedom(seeds - 1, (examples or seeds) - 1)


def interval(
    mean: float, error: float, share: float, freedom: Freedom
) -> tuple[float, float, float]:
    """The ends of the 95 % interval of a mean, and the two-sided p of its being 0.

    Args:
        mean: Of the differences.
        error: Its standard error; NaN where none is known, of which nothing comes.
        share: How much of the square of it the seeds estimate, in 0..1.
        freedom: Of the estimates of that part and of the rest.
    """
    if math.isnan(error):
        return math.nan, math.nan, math.nan
    half = float(matching_distance((1 - CONFIDENCE) / 2, np.array(share), freedom)) * error
    p = 2 * float(one_sided_p(np.array(abs(mean) / error), np.array(share), freedom))
    return mean - half, mean + half, p


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
    """The standard error of the mean of all differences, and the share of it that seeds estimate.

    The share is of its square. Both are NaN where no seed differs from another: that comes of the
    coarseness of scores and is no certainty.
    """
    known = squares.seeds > _ROUNDING * (squares.examples + squares.residual)
    of_seeds = np.where(known, squares.seeds, math.nan)
    both = of_seeds + np.maximum(squares.examples - squares.residual, 0.0)
    return np.sqrt(both / (seeds * examples)), of_seeds / both


def _finite(scores: np.ndarray) -> np.ndarray:
    scores = np.asarray(scores, dtype=float)
    return np.where(np.isfinite(scores), scores, math.nan)


def _over_both(upper: np.ndarray, lower: np.ndarray) -> Difference:
    seeds, examples = upper.shape
    by_seed = _over_seeds(upper.mean(axis=1), lower.mean(axis=1))
    differences = upper - lower
    if seeds < 2 or math.isnan(by_seed.mean):
        return by_seed
    squares = mean_squares(differences)
    error, share = map(float, error_of_mean(squares, seeds, examples))
    low, high, p = interval(by_seed.mean, error, share, freedom_of(seeds, examples))
    return Difference(
        mean=by_seed.mean,
        low=low,
        high=high,
        p=p,
        standard_error=error,
        seeds_share=share,
        degrees_of_freedom=(seeds - 1) / share**2,
        covers=SEEDS_AND_EXAMPLES,
        seeds=seeds,
        over_seeds=by_seed.over_seeds,
        correlation=by_seed.correlation,
        examples=examples,
        seeds_variance=max(float(squares.seeds - squares.residual) / examples, 0.0),
        examples_variance=max(float(squares.examples - squares.residual) / seeds, 0.0),
        residual_variance=float(squares.residual),
    )


def _over_seeds(upper: np.ndarray, lower: np.ndarray) -> Difference:
    differences = upper - lower
    seeds = len(differences)
    mean = float(differences.mean())
    error = float(differences.std(ddof=1)) / math.sqrt(seeds) if seeds > 1 else math.nan
    error = error if error > _ROUNDING * float(np.abs(upper).max()) else math.nan
    low, high, p = interval(mean, error, 1.0, freedom_of(seeds, None))
    return Difference(
        mean=mean,
        low=low,
        high=high,
        p=p,
        standard_error=error,
        seeds_share=1.0,
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
