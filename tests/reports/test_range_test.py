"""RangeTest: suggestions on loss curves of known answer, and the figure."""

import numpy as np
import pytest

from trickbook.reports.diagnosis.range_test import RULES, RangeTest
from trickbook.reports.figures.rate_figure import plot_range_test

RATES = np.geomspace(1e-6, 1.0, 121)  # 20 per decade
STEPS = np.arange(121)


def curve(losses, smoothing=0.0):
    return RangeTest(RATES[: len(losses)], np.asarray(losses, dtype=float), smoothing)


def soft_step(centre):
    """From 2 down to 1, steepest at `centre` on the logarithmic axis; then up."""
    fall = 1 / (1 + np.exp(-(STEPS - centre) / 4))
    return 2 - fall + np.exp((STEPS - 112) / 2)


@pytest.mark.parametrize("centre", [40, 60, 80])
def test_steepest_is_the_middle_of_a_soft_step(centre):
    assert curve(soft_step(centre)).suggestion("steepest") == pytest.approx(RATES[centre])


@pytest.mark.parametrize("smoothing", [0.5, 0.8, 0.9])
def test_steepest_allows_for_the_lag_of_smoothing(smoothing):
    found = curve(soft_step(60), smoothing).suggestion("steepest")
    place = np.searchsorted(RATES, found * 0.999)
    # Exact only for a straight fall; the smoothed curve itself is steepest at 61, 63 and 65.
    assert 60 - 4 <= place <= 60 + 1


def test_steepest_on_linear_rates_is_by_the_logarithm():
    """A soft step that is steepest by the rate itself at 0.18, by its logarithm at 0.3."""
    rates = np.linspace(0.005, 1.0, 200)
    losses = 2 - 1 / (1 + (0.3 / rates) ** 2)
    found = RangeTest(rates, losses, 0.0).suggestion("steepest")
    assert found == pytest.approx(0.3, rel=0.1)


def test_valley_is_the_middle_of_the_fall():
    losses = np.interp(STEPS, [0, 40, 80, 120], [2.0, 2.0, 1.0, 3.0])
    assert curve(losses).suggestion("valley") == pytest.approx(RATES[80 - 41 // 2])


def longest_falling(losses):
    """(length, end) by trying all subsequences that end at each place, recursively."""
    best = {}
    for end in range(len(losses)):
        lengths = [best[i] for i in range(end) if losses[i] > losses[end]]
        best[end] = 1 + max(lengths, default=0)
    longest = max(best.values())
    return longest, min(end for end, length in best.items() if length == longest)


def test_valley_of_a_noisy_fall_is_fastai_s():
    noise = np.random.default_rng(1).normal(scale=0.02, size=121)
    losses = np.interp(STEPS, [0, 40, 80, 120], [2.0, 2.0, 1.0, 3.0]) + noise
    first, last = 13, int(losses.argmin())  # 121 / 10, rounded up
    length, end = longest_falling(losses[first : last + 1])
    expected = RATES[first + end - length // 2]
    assert curve(losses).suggestion("valley") == pytest.approx(expected)
    assert 40 < first + end - length // 2 < 80


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "losses",
    [
        [],
        [2.0],
        np.linspace(2, 1, 11),  # 9 after the first tenth
        np.full(121, 2.0),
        np.linspace(2, 3, 121),
        2 + np.random.default_rng(0).normal(size=121),
        np.full(121, np.nan),
    ],
    ids=["none", "one", "few", "flat", "rising", "noise", "nan"],
)
def test_nothing_is_suggested_where_the_loss_shows_nothing(losses, rule):
    assert curve(losses, 0.9 if len(losses) else 0.0).suggestion(rule) is None


@pytest.mark.parametrize("rule", RULES)
def test_a_fall_of_nine_points_is_too_short(rule):
    for end, is_enough in ((21, False), (22, True)):  # points 13 to 21, or to 22
        losses = np.interp(STEPS, [0, 12, end, 120], [2.0, 2.0, 1.5, 9.0])
        assert (curve(losses).suggestion(rule) is not None) == is_enough


def test_few_flat_noisy_curves_pass_for_falling():
    generator = np.random.default_rng(5)
    noisy = [curve(generator.normal(size=100), 0.9).suggestion() for _ in range(300)]
    assert sum(rate is not None for rate in noisy) <= 6


def test_a_last_loss_that_is_not_finite_does_no_harm():
    losses = soft_step(60)
    losses[115:] = [np.inf] + [np.nan] * 5
    assert curve(losses[:116]).suggestion("steepest") == pytest.approx(RATES[60])
    plot_range_test(curve(losses[:116]))


def test_unknown_rule_is_refused():
    with pytest.raises(ValueError, match=r"Received: rule='hill'$"):
        curve(soft_step(60)).suggestion("hill")


def test_table():
    table = curve([3.0, 1.0], smoothing=0.5).table()
    assert list(table["learning_rate"]) == list(RATES[:2])
    assert list(table["loss"]) == [3.0, 1.0]
    np.testing.assert_allclose(table["smoothed_loss"], [3.0, (0.5 * 3 + 1) / 1.5])


def test_figure_marks_the_suggestions_and_leaves_nothing_open():
    import matplotlib.pyplot as plt

    test = curve(soft_step(60))
    figure = plot_range_test(test)
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    low, high = axes.get_ylim()
    assert low < 1 < 2 < high < 3
    marked = [line.get_xdata()[0] for line in axes.lines[2:]]
    assert marked == [test.suggestion("valley"), test.suggestion("steepest")]
    assert plt.get_fignums() == []
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert {"1e−05", "0.001", "1"} <= set(labels)  # with a minus sign


def test_figure_is_fitted_to_the_fall_even_if_its_first_loss_is_the_lowest():
    losses = np.concatenate([[0.5], soft_step(60)[1:]])
    (axes,) = plot_range_test(curve(losses)).axes
    low, high = axes.get_ylim()
    assert 0.3 < low < 0.5
    assert 2 < high < 2.2


def test_figure_on_given_axes():
    from matplotlib.figure import Figure

    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert plot_range_test(curve(soft_step(60)), right) is figure
    assert not left.lines
    assert right.lines


@pytest.mark.parametrize("losses", [[], [2.0], [np.nan]])
def test_figure_of_next_to_nothing(losses):
    axes = plot_range_test(curve(losses)).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("learning rate", "training loss")
