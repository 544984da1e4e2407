"""Verdicts against statsmodels, and looks against what they promise."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from trickbook.reports.statistics.looks import judge_in_looks, looks, spending
from trickbook.reports.statistics.planning import (
    detectable_effect,
    is_hopeless,
    outlook,
    seeds_needed,
)
from trickbook.reports.statistics.two_sources import difference
from trickbook.reports.statistics.verdicts import Family, holm, judge


def seeds_difference(mean, deviation=0.004, seeds=8):
    """A difference whose values over the seeds have exactly this mean and deviation."""
    values = np.random.default_rng(0).normal(size=seeds)
    values = (values - values.mean()) / values.std(ddof=1)
    return difference(mean + deviation * values, np.zeros(seeds))


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_that_of_statsmodels(seed):
    from statsmodels.stats.multitest import multipletests

    ps = np.random.default_rng(seed).beta(0.4, 2.0, 9)
    rejected, adjusted, _, _ = multipletests(ps, 0.05, "holm")
    assert holm(ps) == pytest.approx(adjusted, rel=1e-12)
    assert ((holm(ps) <= 0.05) == rejected).all()


def test_holm_over_a_run_table_is_that_of_ictonyx_on_scipys_paired_tests():
    # Where it is installed; it compares runs pairwise, and has no intervals of seeds and examples.
    analysis = pytest.importorskip("ictonyx.analysis")
    arms = np.random.default_rng(7).normal([[0.90], [0.92], [0.92], [0.91]], 0.008, (4, 6))
    steps = list(zip(arms[1:], arms[:-1], strict=True))
    ps = [stats.ttest_rel(*step).pvalue for step in steps]
    expected, _ = analysis.apply_multiple_comparison_correction(ps, "holm")
    assert [one.p for one in judge([difference(*step) for step in steps])] == pytest.approx(
        expected
    )


def test_what_could_not_be_tested_counts_like_a_p_of_one():
    from statsmodels.stats.multitest import multipletests

    expected = multipletests([0.001, 0.02, 1.0], 0.05, "holm")[1]
    result = holm([0.001, math.nan, 0.02])
    assert result[[0, 2]] == pytest.approx(expected[:2])
    assert math.isnan(result[1])
    assert holm([0.001, 0.02], 3) == pytest.approx(expected[:2])


def test_each_kind_of_verdict():
    verdicts = judge(
        [
            seeds_difference(0.02),
            seeds_difference(-0.02),
            seeds_difference(0.0002),
            seeds_difference(0.008, 0.02),
        ],
        margin=0.01,
    )
    texts = [verdict.text for verdict in verdicts]
    assert texts == ["helps", "hurts", "no difference larger than 0.01", "undecided"]
    assert [verdict.is_decided for verdict in verdicts] == [True, True, True, False]


def test_equivalence_is_two_one_sided_tests_in_a_family_of_their_own():
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.weightstats import DescrStatsW

    values = np.random.default_rng(3).normal(0.002, 0.006, (3, 10))
    found = judge([difference(row, np.zeros(10)) for row in values], margin=0.01)
    ps = [DescrStatsW(row).ttost_mean(-0.01, 0.01)[0] for row in values]
    expected = multipletests(ps, 0.05, "holm")[1]
    assert [one.equivalence_p for one in found] == pytest.approx(expected, rel=1e-7)


def test_without_a_margin_none_is_called_small():
    (verdict,) = judge([seeds_difference(0.0001)])
    assert verdict.kind == "undecided"
    assert math.isnan(verdict.equivalence_p)


def test_what_is_not_0_is_said_to_help_however_small_it_is():
    (verdict,) = judge([seeds_difference(0.002, 0.001)], margin=0.01)
    assert verdict.kind == "helps"
    assert max(verdict.p, verdict.equivalence_p) < 0.01


def test_the_level_is_what_would_have_decided_the_first_of_the_undecided():
    clear, open_ = seeds_difference(0.05), seeds_difference(0.0)
    level = judge([clear, open_, open_])[1].level
    assert level == pytest.approx(0.05 / 2)
    for factor, kind in ((0.99, "helps"), (1.01, "undecided")):
        mean = stats.t.isf(factor * level / 2, 7) * 0.004 / math.sqrt(8)
        assert judge([clear, seeds_difference(mean), open_])[1].kind == kind


def test_more_comparisons_ask_more_of_each():
    clear = seeds_difference(0.004)
    assert judge([clear])[0].kind == "helps"
    assert judge([clear, *[seeds_difference(0.0)] * 7])[0].kind == "undecided"


def test_one_seed_decides_nothing_and_counts():
    one_seed = difference(np.array([0.9]), np.array([0.8]))
    clear, unknown, missing = judge([seeds_difference(0.02), one_seed, None], margin=0.01)
    assert clear.p == pytest.approx(3 * seeds_difference(0.02).p)
    for verdict in (unknown, missing):
        assert verdict.kind == "undecided"
        assert math.isnan(verdict.p)


@pytest.mark.parametrize("seeds", [3, 8, 20])
def test_the_detectable_effect_is_the_one_that_statsmodels_finds_at_80_per_cent(seeds):
    from statsmodels.stats.power import TTestPower

    expected = TTestPower().solve_power(nobs=seeds, alpha=0.05, power=0.8)
    result = detectable_effect(seeds_difference(0.0, seeds=seeds), 0.05)
    # statsmodels counts what is found on the wrong side as well.
    assert result == pytest.approx(expected * 0.004, rel=1e-4)


@pytest.mark.parametrize("mean", [0.002, 0.006, 0.02])
def test_the_seeds_needed_are_those_of_statsmodels(mean):
    from statsmodels.stats.power import TTestPower

    expected = TTestPower().solve_power(effect_size=mean / 0.004, alpha=0.01, power=0.8)
    assert seeds_needed(seeds_difference(mean), 0.01) == math.ceil(expected)


def test_where_the_examples_alone_hide_an_effect_no_number_of_seeds_will_do():
    draws = np.random.default_rng(5)
    by_example = draws.normal(0, 0.3, (1, 400))
    scores = 0.01 + by_example - by_example.mean() + draws.normal(0, 0.01, (6, 400))
    measured = difference(scores, np.zeros_like(scores))
    # The examples' part of the standard error is 0.3 / 20, more than the effect.
    assert measured.seeds_share < 0.01
    assert is_hopeless(measured, 0.05)
    expected = outlook(measured, judge([measured])[0].level)
    assert expected.is_hopeless
    assert expected.seeds_needed == math.inf
    needed = (stats.norm.isf(0.025) + stats.norm.isf(0.2)) * measured.standard_error
    assert expected.detectable == pytest.approx(needed, rel=0.01)


def in_parts(mean, share, examples=1_000_000):
    """A difference over 6 seeds, of whose standard error of 1 these make so much of the square."""
    found = difference(*np.random.default_rng(0).normal(size=(2, 6, 20)))
    parts = {"seeds_share": share, "examples": examples}
    return replace(found, mean=mean, standard_error=1.0, **parts)


# What is shown at 5 % with a chance of 80 % where the law is nearly normal.
SHOWN = stats.norm.isf(0.025) + stats.norm.isf(0.2)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_more_seeds_leave_the_examples_part_as_it_is(share):
    for needed in (100, 300):
        error = math.sqrt(share * 6 / needed + 1 - share)
        found = seeds_needed(in_parts(SHOWN * error, share), 0.05)
        assert found == pytest.approx(needed, rel=0.06)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("examples", [8, 1_000_000])
def test_an_effect_is_hopeless_that_the_examples_alone_would_not_show(share, examples):
    """What endless seeds leave is the t test of the examples' means."""
    from statsmodels.stats.power import TTestPower

    shown = TTestPower().solve_power(nobs=examples, alpha=0.05, power=0.8) * math.sqrt(examples)
    for factor in (0.98, 1.02):
        measured = in_parts(factor * shown * math.sqrt(1 - share), share, examples)
        assert is_hopeless(measured, 0.05) == (factor < 1)


def test_what_the_last_look_would_show_is_not_hopeless():
    measured = in_parts(1.3 * SHOWN * math.sqrt(0.8), 0.2)
    assert is_hopeless(measured, 0.0001)
    found = outlook(measured, 0.0001, {12: 0.0001, 500: 0.04})
    assert (found.is_hopeless, found.seeds_needed) == (False, 500)
    # What so many seeds could have shown is that of the look that was taken.
    assert found.detectable == detectable_effect(measured, 0.0001)


def test_an_effect_near_zero_needs_more_seeds_than_anyone_trains():
    assert seeds_needed(seeds_difference(1e-6), 0.05) == math.inf


def test_looks_are_at_fixed_numbers_and_end_with_the_last():
    assert looks(20) == (3, 5, 8, 12, 20)
    assert looks(10) == (3, 5, 8, 10)
    assert looks(2) == (2,)
    with pytest.raises(ValueError, match="most_seeds=1"):
        looks(1)


def test_looks_spend_the_whole_error_and_little_of_it_early():
    parts = spending(looks(20), 0.05)
    assert sum(parts) == pytest.approx(0.05)
    assert parts[0] == pytest.approx(0.05 * (3 / 20) ** 3)
    assert max(parts) == parts[-1]


def test_one_look_judges_as_a_report_does():
    differences = [seeds_difference(0.02), seeds_difference(0.0002), seeds_difference(0.003)]
    (first, second, third) = judge_in_looks([differences], [8], 0.01)
    assert [first.verdict, second.verdict, third.verdict] == judge(differences, 0.01)


def test_a_verdict_stands_when_seeds_are_added():
    early, late = seeds_difference(0.02, seeds=8), seeds_difference(0.0, seeds=12)
    (decision,) = judge_in_looks([[early], [late]], (8, 12), 0.01)
    assert decision.verdict.kind == "helps"
    assert decision.difference is early


def test_what_is_decided_leaves_more_of_the_error_to_the_rest_but_only_in_its_family():
    up, down, alike = (seeds_difference(mean) for mean in (0.05, -0.05, 0.0))
    later = seeds_difference(0.0055, seeds=12)
    taken = [[up, down, alike, None], [None, None, None, later]]
    decisions = judge_in_looks(taken, (8, 12), 0.01)
    kinds = [one.verdict.kind for one in decisions[:3]]
    assert kinds == ["helps", "hurts", "no difference"]
    part = spending((8, 12))[1]
    assert decisions[3].verdict == judge([later], 0.01, part, Family(2, 3))[0]
    alike_p = max(later.p_at_most(-0.01), later.p_at_least(0.01))
    ps = decisions[3].verdict.p, decisions[3].verdict.equivalence_p
    assert ps == pytest.approx((2 * later.p, 3 * alike_p))


def test_looks_that_no_study_has_are_refused():
    with pytest.raises(ValueError, match="fixed numbers"):
        judge_in_looks([[None], [None]], (3,))
