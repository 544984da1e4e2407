"""What each step is worth: the short table, and the plot beside it."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from PIL import Image
from scipy import stats

from trickbook.reports.analysis.judgements import judgements
from trickbook.reports.figures.forest_figure import ForestRow, forest_figure
from trickbook.reports.figures.picture import png_bytes
from trickbook.reports.figures.pictures import draw_forest
from trickbook.reports.pages.report import write_report
from trickbook.reports.pages.step_rows import (
    certainty,
    step_columns,
    step_rows,
    verdict_counts,
    worth_text,
)
from trickbook.reports.pages.verdict_words import amount_of
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.two_sources import difference

pytestmark = pytest.mark.drawn
# By the margin that a study has where it names none.
TASKS = {0.01: {}, None: {"task": {"name": "regression", "metric": "rmse", "direction": "min"}}}


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
    judged = list(judgements(run_set).values())
    rows = step_rows(run_set, judged)
    assert step_columns(run_set, rows) == ["step", "worth, points", "verdict", "seeds"]
    assert [row.name for row in rows] == ["01-noise", "02-harm", "03-even", "04-broken"]
    interval = stats.ttest_rel([85, 86.5, 84], [80, 81, 79]).confidence_interval(0.95)
    worth = f"+5.2 ({interval.low:+.1f} to {interval.high:+.1f})"
    assert rows[0].cells == ["01-noise", worth, "helps", "3"]
    assert [row.kind for row in rows] == ["helps", "hurts", "undecided", "not compared"]
    assert (
        verdict_counts(rows, run_set)
        == "Of 4 steps 1 helps, 1 hurts, 1 is undecided and 1 is not compared."
    )
    resting = certainty(run_set, judged)
    assert "another choice of seeds, not of training images" in resting
    assert "The verdicts hold for all 4 at once: Holm's procedure keeps" in resting
    bagged = certainty(replace(run_set, ladder=run_set.ladder | {"bagging": True}), judged)
    assert "not of training images" not in bagged
    assert "images drawn again from those of one split (--bagging)" in bagged


def test_a_step_of_which_a_run_failed_says_so(tmp_path):
    rungs = {"baseline": [0.80, 0.81, 0.79], "frail": [0.9, 0.91, "failed"]}
    run_set = read_run_set(write_ladder(tmp_path, rungs))
    (row,) = step_rows(run_set, list(judgements(run_set).values()))
    assert row.cells[2] == "undecided: 1 of the 3 runs of 01-frail failed"


def test_one_seed_says_that_it_may_be_chance(tmp_path):
    one = read_run_set(write_ladder(tmp_path, {"baseline": [0.8], "noise": [0.85]}))
    judged = list(judgements(one).values())
    (row,) = step_rows(one, judged)
    assert row.cells == ["01-noise", "+5.0", "undecided", "1"]
    assert "One seed gives no interval" in certainty(one, judged)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([12.0, 14.0, 19.0], "+15 (+6 to +24)"),
        ([0.0012, 0.0014, 0.0013], "+0.00130 (+0.00105 to +0.00155)"),
        ([-0.01, 0.01], "0.00 (-0.13 to +0.13)"),
        ([-0.5], "-0.50"),
    ],
)
def test_other_units_are_told_to_two_digits_of_the_interval(values, text):
    assert worth_text(difference(np.array(values), np.zeros(len(values))), "rmse") == text


def test_what_is_rounded_to_zero_has_no_sign():
    for share in (-0.0003, 0.0003, -0.0):
        assert worth_text(difference(np.array([share]), np.zeros(1)), "accuracy") == "0.0"
    assert amount_of(0.0, "rmse", is_signed=True) == "0.00"


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


@pytest.mark.parametrize("margin", [None, 0.01])
def test_the_plot_says_how_to_read_it(run_set, margin):
    rows = [row.forest for row in step_rows(run_set, list(judgements(run_set).values()))]
    run_set = replace(run_set, ladder={**run_set.ladder, **TASKS[margin]})
    note = draw_forest(run_set, rows, "forest.png", "it is worth").note
    assert "a hollow one is undecided" in note and "goes on beyond the picture" in note
    assert ("The grey band" in note) == (margin is not None)


def test_an_interval_of_two_seeds_does_not_hide_the_rest():
    rows = [ForestRow(str(n), 0.01, 0.0, 0.02, "undecided") for n in range(4)]
    wide = ForestRow("wide", 0.01, -0.9, 0.92, "undecided")
    (axes,) = forest_figure([*rows, wide], is_share=True, metric="accuracy").axes
    low, high = axes.get_xlim()
    assert -10 < low < 0 < 1 < high < 10
    arrows = [line for line in axes.lines if line.get_marker() in ("<", ">")]
    assert [(one.get_marker(), one.get_ydata()[0]) for one in arrows] == [("<", -4), (">", -4)]


def test_an_interval_that_clears_zero_is_never_cut():
    rows = [ForestRow(str(n), 0.0, -1.7, 1.9, "undecided") for n in range(4)]
    rows.append(ForestRow("worth", 7.0, 4.8, 9.2, "helps"))
    (axes,) = forest_figure(rows, is_share=False, metric="RMSE").axes
    low, high = axes.get_xlim()
    assert low < -1.7 and high > 9.2
    assert not any(line.get_marker() in ("<", ">") for line in axes.lines)


def test_the_label_of_the_axis_is_whole_beside_long_names():
    rows = [
        ForestRow("weight_averaging,kind=lookahead", -0.01, -0.025, 0.005, "undecided"),
        ForestRow("whitening,epsilon=1e-06", -0.152, -0.185, -0.12, "hurts"),
    ]
    figure = forest_figure(rows, is_share=True, metric="validation accuracy", margin=0.01)
    pixels = np.asarray(Image.open(io.BytesIO(png_bytes(figure))).convert("L"))
    assert (pixels[:, -3:] > 250).all()


def test_where_no_step_is_compared_there_is_no_plot(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.80, 0.81], "broken": ["failed"] * 2})
    write_report(folder)
    assert "not compared" in (folder / "report.md").read_text()
    assert not (folder / "forest.png").exists()
    assert "forest.png" not in (folder / "report.md").read_text()
