"""The law of a mean of which a part of the variance is known, against SciPy and a simulation."""

import numpy as np
import pytest
from scipy import integrate, stats

from trickbook.reports.statistics.behrens_fisher import (
    critical_distance,
    matching_distance,
    matching_p,
    one_sided_p,
    power,
)


@pytest.mark.parametrize("freedom", [1, 2, 4, 19, 120])
def test_all_estimated_is_student_and_all_known_is_normal(freedom):
    distances = np.array([-1.0, 0.0, 0.5, 2.0, 8.0])
    for law in (one_sided_p, matching_p):
        ones, zeros = np.ones(5), np.zeros(5)
        assert law(distances, ones, freedom) == pytest.approx(
            stats.t.sf(distances, freedom), rel=1e-7
        )
        assert law(distances, zeros, freedom) == pytest.approx(stats.norm.sf(distances), rel=1e-7)


@pytest.mark.parametrize("freedom", [1, 2, 4, 9])
def test_far_out_it_is_student_still(freedom):
    distances = np.geomspace(8, 10_000, 20)
    found = one_sided_p(distances, np.ones(20), freedom)
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
    found = one_sided_p(np.array(distance), np.array(0.7), freedom)
    assert float(found) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_between_it_is_the_sum_of_a_student_and_a_normal_variable(share):
    def chance(distance):
        return integrate.quad(
            lambda t: (
                stats.t.pdf(t, 2)
                * stats.norm.sf((distance - np.sqrt(share) * t) / np.sqrt(1 - share))
            ),
            -np.inf,
            np.inf,
            limit=200,
        )[0]

    for distance in (0.7, 2.0, 5.0):
        found = one_sided_p(np.array(distance), np.array(share), 2)
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
        found = matching_p(np.array(distance), np.array(share), freedom)
        assert float(found) == pytest.approx(beyond / total, rel=1e-5)


def test_distances_undo_their_ps():
    shares = np.array([0.0, 0.3, 1.0])
    for p in (0.025, 0.0001):
        for law, inverse in ((one_sided_p, critical_distance), (matching_p, matching_distance)):
            assert law(inverse(p, shares, 4), shares, 4) == pytest.approx(p, rel=1e-6)


def test_power_is_that_of_the_noncentral_t_where_all_is_estimated():
    effects = np.array([0.0, 1.0, 3.0, 6.0])
    expected = stats.nct.sf(stats.t.isf(0.025, 6), 6, effects)
    assert power(effects, 0.025, 1.0, 6) == pytest.approx(expected, rel=1e-5)
