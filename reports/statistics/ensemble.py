"""The mean of several networks' answers, and what it gains over one of them.

The mean of n answers whose errors have the same mean square sigma^2 and the correlation rho has the
squared error sigma^2 (rho + (1 - rho) / n): with independent members sigma^2 / n, which is what
lecture deck L1 says of bagging and dropout, and never below rho sigma^2 however many there are
(Breiman, Machine Learning 24, 1996; Goodfellow et al., Deep Learning, 2016, section 7.11). It is
exact where sigma^2 and rho are means over the members and over their pairs. An accuracy has no such
formula; the squared error of probabilities (Brier's score) has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SharedError:
    """How large the members' errors are, and how far they are the same ones."""

    squared: float
    """sigma^2, the members' mean squared error over examples; of probabilities summed over the
    classes, so in 0..2."""
    correlation: float
    """rho, the mean product of two members' errors over sigma^2; NaN where there is no error."""
    members: int

    @property
    def independent(self) -> float:
        """The squared error of the members' mean if their errors were independent."""
        return self.squared / self.members

    @property
    def of_mean(self) -> float:
        """The squared error that the formula gives for the members' mean."""
        return self.squared * (self.correlation + (1 - self.correlation) / self.members)

    @property
    def of_endless(self) -> float:
        """The squared error of the mean of ever more such members."""
        return self.squared * self.correlation


def mean_logits(logits: np.ndarray) -> np.ndarray:
    """The logarithm of the members' mean probabilities, which are logits of the same classes.

    Args:
        logits: Of shape (members, examples, classes).

    Returns:
        (examples, classes), at most 0; computed in logarithms, so that no probability is lost for
        being small.
    """
    from scipy.special import log_softmax, logsumexp

    together = logsumexp(log_softmax(logits, axis=-1), axis=0)
    return np.asarray(together) - np.log(len(logits))


def probability_errors(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Probabilities less 1 for the true class and 0 for the others.

    Args:
        logits: Of shape (..., examples, classes).
        labels: True class numbers, (examples,).

    Returns:
        The shape of `logits`, each in -1..1.
    """
    from scipy.special import softmax

    return np.asarray(softmax(logits, axis=-1)) - np.eye(logits.shape[-1])[labels]


def shared_error(errors: np.ndarray) -> SharedError:
    """Mean square and correlation of the members' errors.

    Args:
        errors: Of shape (members, examples) or (members, examples, classes), in any unit; those of
            an example's classes count together.

    Raises:
        ValueError: There are fewer than two members, or no example.
    """
    errors = np.asarray(errors, dtype=float)
    members, examples = errors.shape[:2]
    if members < 2 or not examples:
        raise ValueError(
            "The errors of two members or more are correlated, on one example or more. Received: "
            f"errors.shape={errors.shape}"
        )
    flat = errors.reshape(members, -1)
    products = flat @ flat.T / examples
    squared = float(np.trace(products)) / members
    of_pairs = (float(products.sum()) - members * squared) / (members * (members - 1))
    return SharedError(squared, of_pairs / squared if squared else np.nan, members)
