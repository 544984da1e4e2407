"""What a choice of the epoch is said to flatter by, where the truth is known."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, norm

from trickbook.training.flattery import flattery

EPOCHS, EXAMPLES = 12, 60
HALF = EXAMPLES // 2


def largest_normal(count):
    """What the largest of so many standard normal numbers is expected to be."""
    return quad(lambda x: x * count * norm.pdf(x) * norm.cdf(x) ** (count - 1), -9, 9)[0]


def mean_and_error(draw, repeats=300):
    """The mean over data sets that `draw` makes, and its standard error."""
    generator = np.random.default_rng(1)
    found = [flattery(*draw(generator)) for _ in range(repeats)]
    return np.mean(found), np.std(found, ddof=1) / np.sqrt(repeats)


def test_of_epochs_that_are_alike_it_is_what_the_best_of_so_many_shares_is_above_the_truth():
    share = 0.7

    def draw(generator):
        right = (generator.random((EPOCHS, EXAMPLES)) < share).astype(float)
        return -right, right

    # The best of E shares of n/2 images, by their distribution.
    rights = np.arange(HALF + 1)
    largest = np.diff(binom.cdf(rights, HALF, share) ** EPOCHS, prepend=0)
    truth = (largest * rights / HALF).sum() - share
    mean, error = mean_and_error(draw)
    assert mean == pytest.approx(truth, abs=4 * error)
    assert mean > 20 * error


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_what_goes_with_the_loss_is_flattered_as_far_as_it_does(correlation):
    def draw(generator):
        z, other = generator.standard_normal((2, EPOCHS, EXAMPLES))
        return -z, correlation * z + np.sqrt(1 - correlation**2) * other

    truth = correlation * largest_normal(EPOCHS) / np.sqrt(HALF)
    mean, error = mean_and_error(draw)
    assert mean == pytest.approx(truth, abs=4 * error)


def test_where_one_epoch_is_by_far_the_best_nothing_is_flattered():
    generator = np.random.default_rng(2)
    losses = generator.standard_normal((EPOCHS, EXAMPLES)) + 10
    losses[5] -= 10
    # Whichever half chooses, the other one is measured in the same epoch.
    assert flattery(losses, -losses) == pytest.approx(0, abs=1e-12)


def test_the_same_figures_give_the_same_and_of_an_odd_number_one_is_left_out():
    scores = np.random.default_rng(3).standard_normal((EPOCHS, 61))
    assert flattery(-scores, scores) == flattery(-scores, scores) > 0
    assert flattery(-scores[:1], scores[:1]) == pytest.approx(0, abs=1e-12)
