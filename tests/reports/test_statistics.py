import math

import numpy as np
import pytest
from scipy import stats

from trickbook.reports.statistics.intervals import estimate, paired_difference, standard_error


@pytest.mark.parametrize("count", [2, 3, 5, 30])
def test_the_interval_of_a_mean_is_that_of_scipy(count):
    values = np.random.default_rng(count).normal(0.9, 0.02, count)
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    result = estimate(values)
    assert result.count == count
    assert result.mean == pytest.approx(values.mean(), rel=1e-12)
    assert result.std == pytest.approx(stats.tstd(values), rel=1e-12)
    assert (result.low, result.high) == pytest.approx((expected.low, expected.high), rel=1e-9)


@pytest.mark.parametrize("count", [2, 3, 10])
def test_the_paired_difference_is_that_of_scipy_over_the_shared_seeds(count):
    generator = np.random.default_rng(count)
    upper, lower = generator.normal(0.9, 0.02, (2, count))
    expected = stats.ttest_rel(upper, lower).confidence_interval(0.95)
    result = paired_difference(
        dict(enumerate(upper)) | {100: 0.1},
        dict(reversed(list(enumerate(lower)))) | {200: 0.9, 300: 0.8},
    )
    assert result.count == count
    assert result.mean == pytest.approx((upper - lower).mean(), rel=1e-9)
    assert (result.low, result.high) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_one_value_has_a_mean_and_no_interval():
    result = paired_difference({0: 0.75}, {0: 0.5, 1: 0.1})
    assert (result.mean, result.count) == (0.25, 1)
    assert all(math.isnan(value) for value in (result.std, result.low, result.high))


def test_no_value_has_nothing():
    result = paired_difference({0: 0.75}, {1: 0.5})
    assert result.count == 0
    assert math.isnan(result.mean)


def test_equal_values_have_an_interval_of_no_width():
    result = estimate([0.5, 0.5, 0.5])
    assert (result.std, result.low, result.high) == (0.0, 0.5, 0.5)


def test_what_was_not_measured_does_not_count():
    assert estimate([1.0, math.nan, 3.0]) == estimate([1.0, 3.0])


def test_the_standard_error_of_an_accuracy_is_binomial():
    hits = np.random.default_rng(0).binomial(360, 0.9, 200_000) / 360
    assert standard_error(0.9, 360) == pytest.approx(hits.std(), rel=0.01)
    assert standard_error(0.9, None) == 0.0
