"""The corrected resampled t test against its formula in SciPy, and on data whose truth is known."""

import numpy as np
import pytest
from scipy import stats

from trickbook.reports.statistics.resampled import difference_over_splits


def test_it_is_the_formula_of_nadeau_and_bengio():
    upper, lower = np.random.default_rng(0).normal(0.9, 0.01, (2, 10))
    result = difference_over_splits(upper, lower, trained=900, evaluated=100)
    differences = upper - lower
    error = np.sqrt((1 / 10 + 100 / 900) * differences.var(ddof=1))
    low, high = stats.t.interval(0.95, 9, loc=differences.mean(), scale=error)
    assert (result.low, result.high) == pytest.approx((low, high), rel=1e-9)
    assert result.p == pytest.approx(2 * stats.t.sf(abs(differences.mean()) / error, 9), rel=1e-9)
    assert result.covers == "seeds, training and evaluated examples"


def test_it_is_not_fooled_where_the_plain_t_test_is():
    # Two constant guesses of a coin: over all coins they are equally good, over one sample of them
    # the same one wins in most splits.
    draws = np.random.default_rng(1)
    plain, corrected = [], []
    for _ in range(400):
        coins = draws.integers(0, 2, 300)
        heads = np.array([draws.permutation(coins)[:100].mean() for _ in range(15)])
        plain.append(stats.ttest_1samp(2 * heads - 1, 0.0).pvalue)
        corrected.append(difference_over_splits(heads, 1 - heads, 200, 100).p)
    assert np.mean(np.array(plain) < 0.05) > 0.3
    assert np.mean(np.array(corrected) < 0.05) < 0.09


def test_one_split_has_no_interval():
    result = difference_over_splits(np.array([0.9]), np.array([0.8]), 10, 10)
    assert not result.is_known
    assert result.mean == pytest.approx(0.1)


def test_single_scores_change_nothing_where_no_more_are_evaluated_than_trained_on():
    scores = np.random.default_rng(2).normal(0.9, 0.1, (2, 6, 40))
    by_example = difference_over_splits(*scores, trained=40, evaluated=40)
    means = difference_over_splits(*scores.mean(axis=2), trained=40, evaluated=40)
    assert (by_example.low, by_example.high) == pytest.approx((means.low, means.high))


def test_where_training_sets_make_the_variance_the_interval_is_not_many_times_too_wide():
    # A data set of 440 values, the mean of whose training part is what the split is worth, and so
    # little noise of the examples evaluated that the formula for means lays all on them.
    draws = np.random.default_rng(3)
    means, errors, plain, covered = [], [], [], 0
    for _ in range(400):
        values = draws.normal(0, 1, 440)
        scores = []
        for _ in range(5):
            order = draws.permutation(440)
            own = values[order[:40]].mean()
            scores.append(own + 0.5 * values[order[40:]] * draws.choice([-1, 1], 400))
        scores = np.array(scores)
        zero = np.zeros_like(scores)
        found = difference_over_splits(scores, zero, 40, 400)
        means.append(found.mean)
        errors.append(found.standard_error)
        covered += found.low <= 0 <= found.high
        plain.append(difference_over_splits(scores.mean(1), zero.mean(1), 40, 400).standard_error)
    truth = np.std(means)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(truth, rel=0.15)
    assert np.sqrt(np.mean(np.square(plain))) > 4 * truth
    assert covered / 400 >= 0.93


@pytest.mark.parametrize("trained, shape", [(0, (3,)), (10, (3, 4))])
def test_what_is_no_split_is_refused(trained, shape):
    with pytest.raises(ValueError, match="split"):
        difference_over_splits(np.zeros(shape), np.zeros(shape), trained, 10)
