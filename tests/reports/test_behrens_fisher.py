"""The law of a mean whose variance is estimated in two parts, against SciPy."""

import numpy as np
import pytest
from scipy import integrate, stats

from trickbook.reports.statistics.behrens_fisher import (
    Freedom,
    critical_distance,
    matching_distance,
    matching_p,
    one_sided_p,
    power,
)

# Of so many examples the variance is as good as known.
MANY = 10_000_000


@pytest.mark.parametrize("freedom", [1, 2, 4, 19, 120])
@pytest.mark.parametrize("other", [1, 7, 500])
def test_a_part_that_is_all_is_student_by_its_own_freedom(freedom, other):
    distances = np.array([-1.0, 0.0, 0.5, 2.0, 8.0])
    ones, zeros = np.ones(5), np.zeros(5)
    expected = stats.t.sf(distances, freedom)
    for law in (one_sided_p, matching_p):
        assert law(distances, ones, Freedom(freedom, other)) == pytest.approx(expected, rel=1e-6)
        assert law(distances, zeros, Freedom(other, freedom)) == pytest.approx(expected, rel=1e-6)


def test_of_endless_examples_the_part_is_normal():
    distances = np.array([-1.0, 0.0, 0.5, 2.0, 3.0])
    found = one_sided_p(distances, np.zeros(5), Freedom(3, MANY))
    assert found == pytest.approx(stats.norm.sf(distances), rel=1e-5)


@pytest.mark.parametrize("freedom", [1, 2, 4, 9])
def test_far_out_it_is_student_still(freedom):
    distances = np.geomspace(8, 10_000, 20)
    found = one_sided_p(distances, np.ones(20), Freedom(freedom, 300))
    assert found == pytest.approx(stats.t.sf(distances, freedom), rel=1e-4)


@pytest.mark.parametrize(("distance", "freedom"), [(500.0, 1), (90.0, 2)])
def test_far_out_the_student_part_is_all_of_a_sum(distance, freedom):
    """Of a sum with a normal variable, which is small beside it: quad over that one."""
    student, normal = np.sqrt([0.7, 0.3])
    expected = integrate.quad(
        lambda z: stats.norm.pdf(z) * stats.t.sf((distance - normal * z) / student, freedom),
        -12,
        12,
        epsrel=1e-10,
        epsabs=0,
    )[0]
    found = one_sided_p(np.array(distance), np.array(0.7), Freedom(freedom, MANY))
    assert float(found) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("freedom", [Freedom(2, 5), Freedom(9, 1)])
def test_between_it_is_the_sum_of_two_student_variables(share, freedom):
    def chance(distance):
        return integrate.quad(
            lambda t: (
                stats.t.pdf(t, freedom.of_share)
                * stats.t.sf((distance - np.sqrt(share) * t) / np.sqrt(1 - share), freedom.of_rest)
            ),
            -np.inf,
            np.inf,
            limit=200,
        )[0]

    for distance in (0.7, 2.0, 5.0):
        found = one_sided_p(np.array(distance), np.array(share), freedom)
        assert float(found) == pytest.approx(chance(distance), rel=1e-6)


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_the_matching_law_is_the_posterior_under_its_prior(share):
    freedom, known = 3, 1 - share

    def posterior(s):  # of the estimated part of the variance, where it was measured as `share`
        likelihood = s ** (-freedom / 2) * np.exp(-freedom * share / (2 * s))
        return likelihood * (s + known) / s**2

    total = integrate.quad(posterior, 0, np.inf, limit=300)[0]
    for distance in (1.0, 3.0):
        beyond = integrate.quad(
            lambda s, d=distance: posterior(s) * stats.norm.sf(d / np.sqrt(s + known)),
            0,
            np.inf,
            limit=300,
        )[0]
        found = matching_p(np.array(distance), np.array(share), Freedom(freedom, MANY))
        assert float(found) == pytest.approx(beyond / total, rel=1e-5)


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_the_matching_law_is_the_posterior_of_both_parts_under_its_prior(share):
    nu, kappa = 3, 5
    # Of the logarithms of the two parts, on a grid.
    first, second = np.meshgrid(np.linspace(-8, 12, 1501), np.linspace(-8, 12, 1501))
    s, k = np.exp(first), np.exp(second)
    likelihood = s ** (-nu / 2) * np.exp(-nu * share / (2 * s))
    likelihood *= k ** (-kappa / 2) * np.exp(-kappa * (1 - share) / (2 * k))
    weights = likelihood * (s + k) / (s * k)
    weights /= weights.sum()
    for distance in (1.0, 3.0):
        expected = float((weights * stats.norm.sf(distance / np.sqrt(s + k))).sum())
        found = matching_p(np.array(distance), np.array(share), Freedom(nu, kappa))
        assert float(found) == pytest.approx(expected, rel=1e-4)


def test_distances_undo_their_ps():
    shares, freedom = np.array([0.0, 0.3, 1.0]), Freedom(4, 9)
    for p in (0.025, 0.0001):
        for law, inverse in ((one_sided_p, critical_distance), (matching_p, matching_distance)):
            assert law(inverse(p, shares, freedom), shares, freedom) == pytest.approx(p, rel=1e-6)


@pytest.mark.parametrize("share, freedom", [(1.0, Freedom(6, 30)), (0.0, Freedom(30, 6))])
def test_power_is_that_of_the_noncentral_t_where_one_part_is_all(share, freedom):
    effects = np.array([0.0, 1.0, 3.0, 6.0])
    expected = stats.nct.sf(stats.t.isf(0.025, 6), 6, effects)
    assert power(effects, 0.025, share, freedom) == pytest.approx(expected, rel=1e-5)


def test_power_is_how_often_simulated_tests_find_an_effect():
    draws, share, freedom, effect = np.random.default_rng(0), 0.4, Freedom(4, 7), 3.0
    first = share * draws.chisquare(freedom.of_share, 20_000) / freedom.of_share
    rest = (1 - share) * draws.chisquare(freedom.of_rest, 20_000) / freedom.of_rest
    distances = (effect + draws.standard_normal(20_000)) / np.sqrt(first + rest)
    found = one_sided_p(distances, first / (first + rest), freedom) <= 0.025
    expected = power(np.array(effect), 0.025, share, freedom)
    assert found.mean() == pytest.approx(float(expected), abs=0.01)
