"""The page of a growth: every decision with its reason, and what the test set says of the last."""

import json
import math

import numpy as np
import pytest
from growth_on_disk import ended, grown_once, race_of, write_growth
from scipy import stats

from trickbook.ladder.growing.growth import Growth
from trickbook.reports.analysis.best_rung import best_rung
from trickbook.reports.analysis.confirmations import confirmation
from trickbook.reports.analysis.judgements import judgements
from trickbook.reports.analysis.races import heat_leads, races
from trickbook.reports.figures.growth_figure import GrowthStep, growth_figure
from trickbook.reports.pages.grow_words import called_text, decided_text, led_text
from trickbook.reports.pages.study_report import write_all, write_study
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.chosen import chosen_p
from trickbook.runs.errors import ReportError
from trickbook.runs.predictions_file import write_predictions

FIGURES = {
    # The first seed is that of the heat.
    "0-baseline": [0.699, 0.700, 0.701, 0.700],
    "1-dropout": [0.760, 0.750, 0.751, 0.752],
    "1-l2": [0.71],
    "1-noise": [0.401],
    "test-baseline": [0.690, 0.691, 0.692],
    "test-grown": [0.741, 0.740, 0.743],
}


@pytest.fixture
def growth(tmp_path):
    write_growth(tmp_path, grown_once(), FIGURES)
    return tmp_path


def worth(upper, lower):
    """The mean paired difference, with its t interval, in points."""
    found = stats.ttest_rel(upper, lower)
    low, high = found.confidence_interval(0.95)
    numbers = (np.mean(upper) - np.mean(lower), low, high)
    mean, low, high = (f"{100 * value:+.1f}" for value in numbers)
    return f"{mean} points, {low} to {high}"


def test_each_race_is_told_as_a_lecturer_would(growth):
    run_set = read_run_set(growth, "grow")
    assert called_text(run_set, 0) == (
        "Race 1, on the baseline. Over-fitting: train 0.99, val 0.70. So regularise. In the heat, "
        "1 seed each: dropout, l2 and noise."
    )
    # Against 0.7, the mean of the baseline's first three.
    assert led_text(run_set, 0) == (
        "In the heat, against the model's mean over 3 seeds, in points: dropout +6.0, l2 +1.0, "
        "noise -29.9."
    )
    told = worth(FIGURES["1-dropout"][1:], FIGURES["0-baseline"][1:])
    assert decided_text(run_set, 0) == (
        f"With 3 new seeds dropout is worth {told}. It helps. Kept: dropout."
    )
    page = write_study(growth, "grow").markdown
    for text in (called_text(run_set, 0), led_text(run_set, 0), decided_text(run_set, 0)):
        assert text in page
    assert "### Race 1: over-fitting" in page
    assert "allows for its being the luckiest of 3 on these validation examples" in page


def test_the_table_of_a_race_tells_what_became_of_each_trick(growth):
    page = write_study(growth, "grow").markdown
    table = page.split("### Race 1")[1].split("| trick |")[1].split("\n\n")[0]
    upper, lower = FIGURES["1-dropout"][1:], FIGURES["0-baseline"][1:]
    p = stats.ttest_rel(upper, lower, alternative="greater").pvalue
    assert f"| {p:.2g} (needed: 0.05) | kept |" in table
    assert "| l2 | +1.0 |  |  | may try again |" in table
    assert "| noise | -29.9 |  |  | no better than the model in the heat |" in table


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("undecided", "That is not decided to help with the 3 seeds that a race takes, or"),
        ("too little", "That is so little that 3 seeds would hardly decide it: nothing is kept."),
        ("behind", "That is no better than the model: nothing is kept."),
        ("failed", "Runs of it, or of the model, failed: nothing is kept."),
    ],
)
def test_a_leader_that_is_not_kept_is_told_why(tmp_path, why, told):
    race = race_of(["dropout", "l2"], leader="dropout", looks=(3,), outcome=ended(why, "1-l2"))
    figures = {arm: FIGURES[arm] for arm in ("0-baseline", "1-dropout", "1-l2")}
    write_growth(tmp_path, Growth((race,), end="time"), figures)
    page = write_study(tmp_path, "grow").markdown
    assert told in page
    assert "Grown in 0.0 s, out of 60 minutes: the baseline." in page


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("none led", "None was better than the model: nothing is kept."),
        ("no time", "There was no time to look at what led with new seeds: nothing is kept."),
    ],
)
def test_a_heat_without_a_leader_is_told(tmp_path, why, told):
    race = race_of(["l2", "noise"], outcome=ended(why, "1-noise"))
    figures = {arm: FIGURES[arm] for arm in ("0-baseline", "1-l2", "1-noise")}
    write_growth(tmp_path, Growth((race,), end="time"), figures)
    page = write_study(tmp_path, "grow").markdown
    assert f"in points: l2 +1.0, noise -29.9. {told}" in page


def test_the_test_set_is_told_once_with_what_the_races_had_flattered(growth):
    page = write_study(growth, "grow").markdown
    assert "Grown in 2 min 0 s, out of 60 minutes: the baseline + dropout." in page
    assert "accuracy 0.731 ± 0.002, the baseline 0.681 ± 0.001: +5.0 points" in page
    assert (
        "In the races its validation accuracy was 0.753 ± 0.005, with the new seeds it is" in page
    )
    assert "the choice of seeds had flattered it by +1.2 points" in page
    assert "Ladder file: grown.toml" in page
    assert "keeps a trick that does not help at most one time in twenty" in page


@pytest.mark.parametrize("direction", ["max", "min"])
def test_where_less_is_better_leads_and_flattery_are_turned_and_the_lowest_is_taken(
    growth, direction
):
    path = growth / "grow.json"
    task = {"metric": "accuracy", "direction": direction}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"task": task}))
    for run in growth.glob("runs/test-grown-*"):
        (run / "model.keras").touch()
    run_set, sign = read_run_set(growth, "grow"), 1 if direction == "max" else -1
    leads = heat_leads(run_set, races(run_set)[0])
    # Against 0.7, the mean of the baseline's first three.
    expected = {"1-dropout": 0.06 * sign, "1-l2": 0.01 * sign, "1-noise": -0.299 * sign}
    assert leads == pytest.approx(expected)
    page = write_study(growth, "grow").markdown
    # In the races it was 0.753, with the new seeds 0.741.
    flattered = "the choice of seeds had flattered it by +1.2 points"
    assert (flattered in page) == (direction == "max")
    best = 11 if direction == "max" else 10  # of 0.741, 0.740 and 0.743 with the seeds 9 to 11
    assert f"Model: runs/test-grown-s{best}-" in page


def without_test(folder):
    """The page of the growth in `folder` whose runs have read no test set."""
    for path in folder.glob("runs/*/metrics.json"):
        figures = json.loads(path.read_text())
        kept = {name: value for name, value in figures.items() if not name.startswith("test_")}
        path.write_text(json.dumps(kept))
    return write_study(folder, "grow").markdown


def test_a_test_set_that_was_left_unread_is_not_said_to_be_read(growth):
    page = without_test(growth)
    assert "Trained anew with 3 new seeds; the test set was left unread (--no-test)." in page
    assert "## With new seeds" in page and "On the test set" not in page
    assert "They left the test set unread, too (--no-test)." in page
    assert "only the test set could show, which was left unread." in page
    assert "seeds that no race had, beside the baseline. The test set was left unread" in page
    assert "judged on the test set" not in page and "the test set shows" not in page
    assert "the one to quote" not in page


@pytest.mark.parametrize("is_tested", [True, False])
def test_a_baseline_that_nothing_beat_is_compared_with_nothing(tmp_path, is_tested):
    race = race_of(["l2", "noise"], outcome=ended("none led", "1-l2", "1-noise"))
    growth = Growth((race,), end="nothing", last_seeds=(9, 10, 11), spent=120.0)
    arms = ("0-baseline", "1-l2", "1-noise", "test-baseline")
    write_growth(tmp_path, growth, {arm: FIGURES[arm] for arm in arms})
    page = write_study(tmp_path, "grow").markdown if is_tested else without_test(tmp_path)
    assert "beside the baseline" not in page
    assert "the one to quote" not in page
    assert ("It is the baseline itself" in page) == is_tested
    assert ("left unread (--no-test)" in page) != is_tested


def test_the_table_holds_every_trick(growth):
    frame = write_study(growth, "grow").frame.set_index("arm")
    assert list(frame.index) == ["1-dropout", "1-l2", "1-noise", "test-baseline", "test-grown"]
    assert frame["race"].tolist() == ["1", "1", "1", "last", "last"]
    assert frame["adds"].tolist() == ["dropout", "l2", "noise", "", "dropout"]
    assert frame["verdict"].tolist() == ["helps", "undecided", "undecided", "", "helps"]
    assert frame["kept"].tolist() == [True, False, False, False, False]
    assert frame["lead"].tolist()[:3] == pytest.approx([0.06, 0.01, -0.299])
    assert frame["delta"]["1-dropout"] == pytest.approx(0.0507, abs=1e-4)
    # The leader has a run more, that of the heat, which judges nothing.
    assert (frame["runs"]["1-dropout"], frame["delta_seeds"]["1-dropout"]) == (4, 3)


def tells(row, name):
    """A difference of a row with its interval, as `worth` tells it."""
    mean, low, high = (f"{100 * row[f'{name}{end}']:+.1f}" for end in ("", "_low", "_high"))
    return f"{mean} points, {low} to {high}"


def test_the_table_tells_validation_and_test_of_the_last_models_apart(growth):
    tested = {"test-baseline": [0.6, 0.62, 0.61], "test-grown": [0.66, 0.65, 0.655]}
    for rung in read_run_set(growth, "grow").rungs[-2:]:
        for run, value in zip(rung.runs, tested[rung.name], strict=True):
            told = json.dumps(run.metrics | {"test_accuracy": value})
            (run.folder / "metrics.json").write_text(told)
    frame = write_study(growth, "grow").frame.set_index("arm")
    grown, baseline = frame.loc["test-grown"], frame.loc["test-baseline"]
    upper, lower = FIGURES["test-grown"], FIGURES["test-baseline"]
    assert tells(grown, "delta") == worth(upper, lower)
    assert tells(grown, "test_delta") == worth(tested["test-grown"], tested["test-baseline"])
    assert grown["p"] == pytest.approx(stats.ttest_rel(upper, lower).pvalue, rel=1e-3)
    assert (frame["p_is"]["1-dropout"], grown["p_is"]) == ("one-sided", "two-sided")
    assert baseline["test"] == pytest.approx(0.61)
    assert np.isnan(baseline["delta"]) and np.isnan(baseline["test_delta"])
    without_test(growth)
    unread = write_study(growth, "grow").frame.set_index("arm").loc["test-grown"]
    assert unread["race"] == "last" and tells(unread, "delta") == worth(upper, lower)
    assert np.isnan(unread["test_delta"])


def test_what_the_heat_saw_is_told_whatever_seeds_the_model_has_gained_since(tmp_path):
    race = race_of(["l2", "noise"], outcome=ended("none led", "1-l2", "1-noise"), model_seeds=3)
    figures = {"0-baseline": [0.72, 0.71, 0.73, 0.6, 0.6], "1-l2": [0.71], "1-noise": [0.7]}
    write_growth(tmp_path, Growth((race,)), figures)
    run_set = read_run_set(tmp_path, "grow")
    assert decided_text(run_set, 0) == (
        "In the heat, against the model's mean over 3 seeds, in points: l2 -1.0, noise -2.0. None "
        "was better than the model: nothing is kept."
    )


def test_a_record_that_does_not_say_what_the_heat_saw_says_over_which_seeds_it_tells(growth):
    path = growth / "grow.json"
    content = json.loads(path.read_text())
    for race in content["details"]["races"]:
        del race["model_seeds"]
    path.write_text(json.dumps(content))
    assert Growth.from_dict(content["details"]).races[0].model_seeds is None
    page = write_study(growth, "grow").markdown
    assert "against the model's mean over all its seeds, later ones too, in points: drop" in page


def test_what_new_seeds_say_does_not_hang_on_the_seed_that_chose(tmp_path):
    looks = {}
    for lead in (0.71, 0.99):
        folder = tmp_path / f"{lead}"
        folder.mkdir()
        figures = {**FIGURES, "1-dropout": [lead, *FIGURES["1-dropout"][1:]]}
        write_growth(folder, grown_once(), figures)
        looks[lead] = judgements(read_run_set(folder, "grow"))["1-dropout"]
    # Not by ==, for from Python 3.13 on that finds no dataclass equal that holds a NaN.
    assert repr(looks[0.71]) == repr(looks[0.99])
    assert looks[0.71].difference.seeds == 3


def raced_on(folder, rivals, figures=FIGURES):
    """The race of a leader that was chosen from so many, and its growth."""
    race = race_of(["dropout", "l2"], leader="dropout", looks=(3,), rivals=rivals)
    write_growth(folder, Growth((race,)), {name: figures[name] for name in list(FIGURES)[:3]})
    return read_run_set(folder, "grow")


def test_a_leader_is_judged_as_the_luckiest_of_all_that_it_was_chosen_from(tmp_path):
    judged = {}
    for rivals in (1, 10):
        (tmp_path / f"{rivals}").mkdir()
        run_set = raced_on(tmp_path / f"{rivals}", rivals)
        draws, labels = np.random.default_rng(0), np.arange(200) % 2
        hard = draws.random(200)
        for run in sorted(run_set.runs, key=lambda run: run.folder):
            right = hard + draws.normal(0, 0.2, 200) < (0.75 if run.name == "1-dropout" else 0.7)
            logits = np.eye(2)[np.where(right, labels, 1 - labels)]
            write_predictions(run.folder, {"val": logits}, {"val": labels})
        judged[rivals] = judgements(run_set)["1-dropout"]
    found = judged[1].difference
    assert found.examples == 200
    assert judged[1].verdict.p == pytest.approx(found.p_at_most(0.0), rel=1e-3)
    assert judged[10].verdict.p == pytest.approx(chosen_p(found, 10))
    assert judged[10].verdict.p > 1.1 * judged[1].verdict.p


@pytest.mark.parametrize(("failed", "is_told"), [(0, False), (2, True)])
def test_a_run_of_the_heat_that_failed_is_none_of_the_new_seeds(tmp_path, failed, is_told):
    baseline = [*FIGURES["0-baseline"]]
    baseline[failed] = "failed"
    run_set = raced_on(tmp_path, 2, FIGURES | {"0-baseline": baseline})
    assert confirmation(run_set, races(run_set)[0]).has_failed == is_told


def test_a_growth_of_before_heats_is_refused_in_words(growth):
    path = growth / "grow.json"
    content = json.loads(path.read_text())
    for race in content["details"]["races"]:
        del race["heat"]
    path.write_text(json.dumps(content))
    with pytest.raises(ReportError, match="grown by an earlier version"):
        write_study(growth, "grow")


def test_best_is_what_was_grown_whatever_a_race_showed(growth):
    assert best_rung(read_run_set(growth, "grow")).name == "test-grown"


def test_one_that_is_under_way_has_a_page(tmp_path):
    race = race_of(["dropout", "l2"])
    figures = {"0-baseline": [0.7, 0.71], "1-dropout": [0.72], "1-l2": []}
    write_growth(tmp_path, Growth((race,)), figures)
    page = write_study(tmp_path, "grow").markdown
    assert "The growth has not ended yet: the same command continues it." in page
    assert "dropout +1.5, l2 not finished" in page
    assert "| l2 | not finished |  |  | under way |" in page
    assert "failed" not in page
    assert "Not decided yet." in page
    assert "| 1 | over-fitting | dropout, l2 | not decided yet |" in page


def test_a_race_in_which_nothing_could_be_built_is_told(tmp_path):
    refused = {"group_norm": "8 groups do not divide 4"}
    race = race_of([], outcome=ended("nothing to race"), refused=refused)
    write_growth(tmp_path, Growth((race,), end="nothing"), {"0-baseline": [0.7, 0.71, 0.7]})
    page = write_study(tmp_path, "grow").markdown
    assert "None of what it calls for can be built on this model." in page
    assert "group_norm could not be tried: 8 groups do not divide 4" in page


def test_a_trick_that_failed_in_the_heat_is_told(tmp_path):
    race = race_of(["l2", "noise"], outcome=ended("none led", "1-l2", "1-noise"))
    figures = {"0-baseline": [0.7, 0.71, 0.7], "1-l2": ["failed"], "1-noise": [0.6]}
    write_growth(tmp_path, Growth((race,)), figures)
    assert "l2 failed" in write_study(tmp_path, "grow").markdown


def test_it_is_among_the_reports_of_its_folder_and_in_its_json(growth, command):
    assert [one.study for one in write_all(growth)] == ["grow"]
    told = json.loads(command("report", ".", "--format", "json", cwd=growth).stdout)
    (study,) = told["studies"]
    assert (study["kind"], study["best"]) == ("grow", "test-grown")
    assert study["details"]["pick"] == "1-dropout"


def test_what_classes_gained_is_told_against_the_baseline_with_the_same_seeds(growth):
    labels, draws = np.arange(40) % 2, np.random.default_rng(0)
    for path in (growth / "runs").iterdir():
        # The grown model tells three in four rightly, the others half.
        right = draws.random(40) < (0.75 if "grown" in path.name else 0.5)
        logits = np.eye(2)[np.where(right, labels, 1 - labels)]
        write_predictions(path, {"val": logits}, {"val": labels})
    page = write_study(growth, "grow").markdown
    table = page.split("## Class by class")[1].split("\n## ")[0]
    assert "test-grown, and what it gained on test-baseline" in table
    assert "–" not in table


@pytest.mark.parametrize(
    ("arm", "figures", "told"),
    [
        ("test-grown", ["failed", 0.82, 0.83], "with 2 new seeds: accuracy 0.815 ± 0.007, the"),
        ("test-baseline", ["failed", 0.69, 0.69], "with 3 new seeds: accuracy 0.731 ± 0.002, the"),
        ("test-baseline", ["failed"] * 3, "with 3 new seeds: accuracy 0.731 ± 0.002."),
        ("test-grown", ["failed"] * 3, ""),
    ],
)
def test_where_last_runs_failed_nothing_is_decided(tmp_path, arm, figures, told):
    write_growth(tmp_path, grown_once(), FIGURES | {arm: figures})
    page = write_study(tmp_path, "grow").markdown
    failed = figures.count("failed")
    assert f"{failed} of the 3 runs of {arm} failed, so that nothing is decided." in page
    assert told in page
    assert bool(told) == ("Judged once on the test set" in page)
    assert "the baseline –" not in page
    assert "the one to quote" not in page
    assert ("In the races its validation" in page) == (arm == "test-baseline")


def test_a_baseline_that_nothing_beat_tells_of_its_failed_runs(tmp_path):
    race = race_of(["l2", "noise"], outcome=ended("none led", "1-l2", "1-noise"))
    growth = Growth((race,), end="nothing", last_seeds=(9, 10, 11), spent=120.0)
    figures = {"0-baseline": [0.7, 0.71, 0.7], "1-l2": [0.7], "1-noise": [0.6]}
    write_growth(tmp_path, growth, figures | {"test-baseline": [0.7, "failed", 0.71]})
    page = write_study(tmp_path, "grow").markdown
    told = "It is the baseline as it was. 1 of the 3 runs of test-baseline failed, so that"
    assert told in page


def labels_of(figure):
    return [one.get_text() for one in figure.legends[0].get_texts()]


def test_the_picture_marks_what_was_tried_and_not_kept_apart_from_the_model():
    steps = [
        GrowthStep(1.0, 0.75, "+ dropout", [0.71, math.nan, 0.4]),
        GrowthStep(2.0, 0.75, "", [0.7]),
    ]
    figure = growth_figure(0.7, steps, "accuracy")
    dots = [line for line in figure.axes[0].get_lines() if line.get_marker() == "o"]
    model = [one for one in dots if one.get_markerfacecolor() != "white"]
    tried = [one for one in dots if one.get_markerfacecolor() == "white"]
    assert [tuple(one.get_xydata()[0]) for one in model] == [(0.0, 0.7), (1.0, 0.75)]
    assert [tuple(one.get_xydata()[0]) for one in tried] == [(1.0, 0.71), (1.0, 0.4), (2.0, 0.7)]
    assert {one.get_color() for one in model}.isdisjoint(one.get_color() for one in tried)
    assert labels_of(figure) == ["the model", "tried, not kept"]
    alone = [GrowthStep(1.0, 0.75, "+ dropout", [])]
    assert labels_of(growth_figure(0.7, alone, "accuracy")) == ["the model"]


def test_a_name_in_the_picture_stays_within_its_axes():
    long = "+ noise+batch_norm+dropout+l2+augmentation"
    steps = [GrowthStep(1.0, 0.75, long, []), GrowthStep(4.0, 0.8, long, [])]
    figure = growth_figure(0.7, steps, "accuracy")
    figure.canvas.draw()
    axes = figure.axes[0]
    assert len(axes.texts) == 2
    for text in axes.texts:
        around, box = axes.get_window_extent(), text.get_window_extent()
        assert around.x0 <= box.x0
        assert box.x1 <= around.x1
