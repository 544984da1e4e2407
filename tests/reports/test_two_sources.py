"""The difference of two arms against statsmodels, SciPy and a published reader study."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from trickbook.reports.statistics.two_sources import difference, mean_squares


def scores_with(seeds, examples, deviations=(0.02, 0.3, 0.4), mean=0.01, seed=0):
    """Scores of two arms whose differences have the given deviations: seed, example, residual."""
    draws = np.random.default_rng(seed)
    of_seed, of_example, rest = deviations
    lower = draws.normal(0.9, 0.2, (seeds, examples))
    differences = (
        mean
        + draws.normal(0, of_seed, (seeds, 1))
        + draws.normal(0, of_example, (1, examples))
        + draws.normal(0, rest, (seeds, examples))
    )
    return lower + differences, lower


def anova_table(differences):
    """The two-way analysis of variance by statsmodels."""
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    seeds, examples = differences.shape
    frame = pd.DataFrame(
        {
            "d": differences.ravel(),
            "seed": np.repeat(np.arange(seeds), examples),
            "example": np.tile(np.arange(examples), seeds),
        }
    )
    return anova_lm(ols("d ~ C(seed) + C(example)", frame).fit())["mean_sq"]


def differences_of_mean_squares(seeds, examples, mean, squares):
    """Differences whose analysis of variance gives exactly these mean squares."""
    draws = np.random.default_rng(1)
    of_seed, of_example, rest = (np.asarray(value, dtype=float) for value in squares)
    a = draws.normal(size=(seeds, 1))
    b = draws.normal(size=(1, examples))
    e = draws.normal(size=(seeds, examples))
    a, b = a - a.mean(), b - b.mean()
    e = e - e.mean(0, keepdims=True) - e.mean(1, keepdims=True) + e.mean()
    a *= np.sqrt(of_seed * (seeds - 1) / examples / (a**2).sum())
    b *= np.sqrt(of_example * (examples - 1) / seeds / (b**2).sum())
    e *= np.sqrt(rest * (seeds - 1) * (examples - 1) / (e**2).sum())
    return mean + a + b + e


@pytest.mark.parametrize("kind", ["numbers", "right or wrong"])
@pytest.mark.parametrize("seeds, examples", [(3, 40), (8, 25)])
def test_the_mean_squares_are_those_of_statsmodels(kind, seeds, examples):
    upper, lower = scores_with(seeds, examples, seed=seeds)
    if kind == "right or wrong":
        upper, lower = (upper > 0.8).astype(float), (lower > 0.8).astype(float)
    expected = anova_table(upper - lower)
    result = mean_squares(upper - lower)
    assert [*map(float, result)] == pytest.approx([*expected], rel=1e-9)


def test_the_mean_squares_of_many_studies_are_those_of_each():
    studies = np.random.default_rng(2).normal(size=(4, 3, 5, 30))
    together = mean_squares(studies)
    for place in np.ndindex(4, 3):
        alone = mean_squares(studies[place])
        assert [values[place] for values in together] == pytest.approx([*alone], rel=1e-12)


def test_the_components_are_those_of_a_mixed_model():
    # Where no estimate is below 0, restricted maximum likelihood gives what the ANOVA gives.
    from statsmodels.regression.mixed_linear_model import MixedLM

    upper, lower = scores_with(6, 20, deviations=(0.3, 0.5, 0.4), seed=4)
    frame = pd.DataFrame(
        {
            "d": (upper - lower).ravel(),
            "seed": np.repeat(np.arange(6), 20),
            "example": np.tile(np.arange(20), 6),
            "all": 1,
        }
    )
    fit = MixedLM.from_formula(
        "d ~ 1",
        frame,
        groups="all",
        vc_formula={"example": "0 + C(example)", "seed": "0 + C(seed)"},
    ).fit(reml=True)
    result = difference(upper, lower)
    components = [result.examples_variance, result.seeds_variance]
    assert components == pytest.approx(fit.vcomp, rel=1e-3)
    assert result.residual_variance == pytest.approx(fit.scale, rel=1e-3)
    assert result.standard_error == pytest.approx(float(fit.bse_fe.iloc[0]), rel=1e-3)


def test_a_published_reader_study():
    # Van Dyke et al. 1993: 5 readers, 114 cases, 2 modalities, the area under the empirical ROC
    # curve, as R's MRMCaov gives it (its README): the differences' mean squares are 2 N times its
    # MS(T:R), and 2 N J (Cov2 - Cov3) between the cases' and the residual one.
    readers, cases = 5, 114
    of_readers = 2 * cases * 0.0005510306
    cases_less_residual = 2 * cases * readers * (0.0003440748 - 0.0002390284)
    squares = of_readers, cases_less_residual + 0.07, 0.07
    differences = differences_of_mean_squares(readers, cases, -0.04380032, squares)
    result = difference(differences, np.zeros_like(differences))
    assert result.mean == pytest.approx(-0.04380032, rel=1e-9)
    assert result.standard_error == pytest.approx(0.02074862, rel=1e-6)
    assert result.degrees_of_freedom == pytest.approx(15.25967, rel=1e-6)
    # It reads the interval and p off the t of those degrees of freedom; ours are close, and more
    # cautious.
    error, freedom = result.standard_error, result.degrees_of_freedom
    assert 2 * stats.t.sf(-result.mean / error, freedom) == pytest.approx(0.05166569, rel=1e-5)
    assert result.p == pytest.approx(0.0760, abs=1e-4)
    assert (result.low, result.high) == pytest.approx((-0.0879594986, 0.0003588544), abs=3e-3)


def test_examples_that_add_nothing_leave_the_paired_t_test():
    # Below the residual mean square, examples have no part in the variance.
    differences = differences_of_mean_squares(6, 50, 0.1, (2.0, 0.5, 1.0))
    lower = np.random.default_rng(5).normal(size=differences.shape)
    result = difference(lower + differences, lower)
    expected = stats.ttest_rel((lower + differences).mean(1), lower.mean(1))
    interval = expected.confidence_interval(0.95)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (result.low, result.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert result.examples_variance == 0.0


def test_where_all_variance_is_the_examples_it_is_the_t_test_of_their_means():
    # One degree of freedom less than there are examples, not a variance that is known.
    differences = differences_of_mean_squares(6, 12, 0.1, (1e-9, 9.0, 1e-9))
    result = difference(differences, np.zeros_like(differences))
    expected = stats.ttest_1samp(differences.mean(axis=0), 0.0)
    interval = expected.confidence_interval(0.95)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-3)
    assert (result.low, result.high) == pytest.approx((interval.low, interval.high), rel=1e-3)
    assert result.p_at_most(0.0) == pytest.approx(expected.pvalue / 2, rel=1e-3)


def test_means_alone_give_the_paired_t_test_and_say_that_only_seeds_are_covered():
    upper, lower = np.random.default_rng(6).normal(0.9, 0.02, (2, 7))
    expected = stats.ttest_rel(upper, lower)
    interval = expected.confidence_interval(0.95)
    result = difference(upper, lower)
    assert result.covers == "seeds"
    assert result.examples is None
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (result.low, result.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert result.correlation == pytest.approx(stats.pearsonr(upper, lower).statistic, rel=1e-9)


def test_of_two_seeds_no_correlation_is_told():
    # Two points lie on a line, whatever they are.
    result = difference(np.array([0.90, 0.92]), np.array([0.80, 0.83]))
    assert math.isnan(result.correlation)


def test_both_intervals_and_the_correlation_stand_side_by_side():
    upper, lower = scores_with(5, 300)
    result = difference(upper, lower)
    means = difference(upper.mean(1), lower.mean(1))
    assert result.covers == "seeds and examples"
    assert (result.seeds, result.examples) == (5, 300)
    assert result.over_seeds == means.over_seeds
    assert result.correlation == pytest.approx(means.correlation, rel=1e-9)
    assert result.high - result.low > 0


def test_the_order_of_the_arms_turns_the_sign_alone():
    upper, lower = scores_with(4, 100)
    there, back = difference(upper, lower), difference(lower, upper)
    assert (there.mean, there.low, there.high) == pytest.approx((-back.mean, -back.high, -back.low))
    assert there.p == pytest.approx(back.p)


def test_one_sided_ps_are_of_the_same_law():
    upper, lower = np.random.default_rng(8).normal(0.9, 0.02, (2, 6))
    result = difference(upper, lower)
    for value in (-0.02, 0.0, 0.03):
        above = stats.ttest_1samp(upper - lower, value, alternative="greater").pvalue
        assert result.p_at_most(value) == pytest.approx(above, rel=1e-9)
        assert result.p_at_least(value) == pytest.approx(1 - above, rel=1e-9)


def test_one_seed_has_a_mean_and_no_interval():
    upper, lower = scores_with(1, 100)
    result = difference(upper, lower)
    assert result.mean == pytest.approx((upper - lower).mean())
    assert not result.is_known
    assert all(math.isnan(value) for value in (result.low, result.high, result.p))


def test_arms_that_never_differ_have_no_interval():
    _, lower = scores_with(3, 50)
    result = difference(lower, lower)
    assert result.mean == 0.0
    assert not result.is_known
    assert math.isnan(result.p)


def test_arms_that_differ_alike_under_every_seed_have_no_interval():
    # Right or wrong on 50 examples: each seed gains one, another one each.
    lower = np.zeros((3, 50))
    upper = lower.copy()
    upper[[0, 1, 2], [4, 17, 33]] = 1.0
    result = difference(upper, lower)
    assert result.mean == pytest.approx(0.02)
    assert not result.is_known
    assert not difference(upper.mean(1), lower.mean(1)).is_known


def test_a_score_that_is_no_number_leaves_nothing_known():
    upper, lower = scores_with(3, 50)
    upper[1, 7] = math.inf
    lower[1, 7] = math.inf
    result = difference(upper, lower)
    assert math.isnan(result.mean)
    assert not result.is_known


@pytest.mark.parametrize("shapes", [((3, 4), (3, 5)), ((3,), (4,)), ((2, 2, 2), (2, 2, 2))])
def test_what_does_not_pair_is_refused(shapes):
    with pytest.raises(ValueError, match="paired"):
        difference(*(np.zeros(shape) for shape in shapes))
