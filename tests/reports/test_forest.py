"""What each step is worth: the short table, and the plot beside it."""

import math

import pytest
from ladder_on_disk import write_ladder
from scipy import stats

from trickbook.reports.figures.forest_figure import ForestRow, forest_figure
from trickbook.reports.pages.step_rows import certainty, step_rows, verdict_counts
from trickbook.reports.read.run_set import read_run_set


@pytest.fixture
def run_set(tmp_path):
    rungs = {
        "baseline": [0.80, 0.81, 0.79],
        "noise": [0.85, 0.865, 0.84],
        "harm": [0.80, 0.81, 0.80],
        "even": [0.79, 0.82, 0.80],
        "broken": ["failed"] * 3,
    }
    return read_run_set(write_ladder(tmp_path, rungs))


def test_each_step_has_a_row_in_points_with_its_verdict(run_set):
    rows = step_rows(run_set)
    assert [row.name for row in rows] == ["01-noise", "02-harm", "03-even", "04-broken"]
    interval = stats.ttest_rel([85, 86.5, 84], [80, 81, 79]).confidence_interval(0.95)
    assert rows[0].worth == f"+5.2 ({interval.low:+.1f} to {interval.high:+.1f})"
    verdicts = [row.verdict for row in rows]
    assert verdicts == ["helps", "hurts", "undecided", "not compared"]
    assert (
        verdict_counts(rows) == "Of 4 steps 1 helps, 1 hurts, 1 is undecided and 1 is not compared."
    )


def test_one_seed_says_that_it_may_be_chance(tmp_path):
    one = read_run_set(write_ladder(tmp_path, {"baseline": [0.8], "noise": [0.85]}))
    rows = step_rows(one)
    assert (rows[0].worth, rows[0].verdict) == ("+5.0", "undecided")
    assert "One seed gives no interval" in certainty(one, rows)


def test_the_plot_shows_points_and_intervals_first_row_above():
    rows = [
        ForestRow("up", 0.02, 0.01, 0.03, "helps"),
        ForestRow("none", math.nan, math.nan, math.nan, "not compared"),
        ForestRow("open", -0.005, -0.02, 0.01, "undecided"),
    ]
    (axes,) = forest_figure(rows, is_share=True, metric="accuracy", margin=0.01).axes
    points = [line for line in axes.lines if line.get_marker() == "o"]
    assert [float(point.get_xdata()[0]) for point in points] == pytest.approx([2.0, -0.5])
    assert points[0].get_ydata()[0] > points[1].get_ydata()[0]
    # What is undecided is hollow.
    assert [point.get_markerfacecolor() for point in points] == ["#0072B2", "white"]
    ends = [line.get_xdata() for line in axes.lines if line.get_linewidth() == 2.0]
    assert [list(end) for end in ends] == [pytest.approx([1.0, 3.0]), pytest.approx([-2.0, 1.0])]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["up", "none", "open"]
    low, high = axes.get_xlim()
    assert low < -2.0 and high > 3.0


def test_an_interval_of_two_seeds_does_not_hide_the_rest():
    rows = [ForestRow(str(n), 0.01, 0.0, 0.02, "undecided") for n in range(4)]
    wide = ForestRow("wide", 0.01, -0.9, 0.92, "undecided")
    (axes,) = forest_figure([*rows, wide], is_share=True, metric="accuracy").axes
    low, high = axes.get_xlim()
    assert -10 < low < 0 < 1 < high < 10
