"""The page of a growth: every decision with its reason, and what the test set says of the last."""

import json
from dataclasses import replace

import numpy as np
import pytest
from growth_on_disk import decided, grown_once, race_of, write_growth
from scipy import stats

from trickbook.ladder.growing.growth import Growth
from trickbook.reports.analysis.best_rung import best_rung
from trickbook.reports.analysis.judgements import judgements
from trickbook.reports.pages.grow_words import called_text, decided_text
from trickbook.reports.pages.study_report import write_all, write_study
from trickbook.reports.read.run_set import read_run_set
from trickbook.runs.predictions_file import write_predictions

FIGURES = {
    "0-baseline": [0.700, 0.701, 0.700],
    "1-dropout": [0.750, 0.751, 0.752],
    "1-l2": [0.65, 0.76, 0.69],
    "1-noise": [0.401, 0.399, 0.402],
    "test-baseline": [0.690, 0.691, 0.692],
    "test-grown": [0.741, 0.740, 0.743],
}


@pytest.fixture
def growth(tmp_path):
    write_growth(tmp_path, grown_once(), FIGURES)
    return tmp_path


def worth(arm):
    """The mean paired difference to the baseline, with its t interval, in points."""
    found = stats.ttest_rel(FIGURES[arm], FIGURES["0-baseline"])
    mean = np.mean(FIGURES[arm]) - np.mean(FIGURES["0-baseline"])
    low, high = found.confidence_interval(0.95)
    mean, low, high = (f"{100 * value + 1e-9:+.1f}" for value in (mean, low, high))
    return f"{mean.replace('-0.0', '+0.0')} points, {low} to {high}"


def test_each_race_is_told_as_a_lecturer_would(growth):
    run_set = read_run_set(growth, "grow")
    assert called_text(run_set, 0) == (
        "Race 1, on the baseline. Over-fitting: train 0.99, val 0.70. So regularise. Tried: "
        "dropout, l2 and noise."
    )
    assert decided_text(run_set, 0) == (
        f"dropout ({worth('1-dropout')}: kept); l2 ({worth('1-l2')}: undecided: not kept); noise "
        f"({worth('1-noise')}: hurts: dropped). Kept: dropout."
    )
    page = write_study(growth, "grow").markdown
    assert called_text(run_set, 0) in page
    assert f"dropout ({worth('1-dropout')}: kept)" in page
    assert "### Race 1: over-fitting" in page


def test_the_test_set_is_told_once_with_what_the_races_had_flattered(growth):
    page = write_study(growth, "grow").markdown
    assert "Grown in 2 min 0 s, out of 60 minutes: the baseline + dropout." in page
    assert "accuracy 0.731 ± 0.002, the baseline 0.681 ± 0.001: +5.0 points" in page
    assert (
        "In the races its validation accuracy was 0.751 ± 0.001, with the new seeds it is" in page
    )
    assert "by +1.0 points the choice of seeds had flattered it" in page
    assert "Ladder file: grown.toml" in page
    assert "Each race is a family of its own at 5 %" in page


def test_the_table_holds_every_comparison(growth):
    frame = write_study(growth, "grow").frame.set_index("arm")
    assert list(frame.index) == ["1-dropout", "1-l2", "1-noise", "test-grown"]
    assert frame["verdict"].tolist() == ["helps", "undecided", "hurts", "helps"]
    assert frame["kept"].tolist() == [True, False, False, False]
    assert frame["delta"]["1-dropout"] == pytest.approx(0.0507, abs=1e-4)


def test_on_a_model_that_was_chosen_by_the_same_seeds_the_chance_holds_for_what_helps(tmp_path):
    races = (
        race_of(["dropout"], outcome=decided("1-dropout", dropout="helps")),
        race_of(["l2"], number=2, against="1-dropout", outcome=decided()),
    )
    figures = {arm: FIGURES[arm] for arm in ("0-baseline", "1-dropout")}
    write_growth(tmp_path, Growth(races), figures | {"2-l2": [0.751, 0.752, 0.750]})
    page = write_study(tmp_path, "grow").markdown
    first, later = page.split("### Race 1")[1].split("### Race 2")
    assert "wrongly said to help or hurt is at most 5 %" in first
    assert "likelier" not in first
    assert "wrongly said to help is at most 5 %. That one is wrongly said to hurt is a" in later


def test_races_are_families_of_their_own(tmp_path):
    """What decides a race does not hang on how many others there are."""
    race = race_of(["dropout"], outcome=decided(), looks=(3,))
    (tmp_path / "one").mkdir()
    figures = {"0-baseline": [0.7, 0.71, 0.69], "1-dropout": [0.74, 0.76, 0.73]}
    write_growth(tmp_path / "one", Growth((race,)), figures)
    alone = judgements(read_run_set(tmp_path / "one", "grow"))["1-dropout"].verdict
    others = [race_of(["l2"], number=number, outcome=decided(), looks=(3,)) for number in (2, 3)]
    (tmp_path / "three").mkdir()
    more = {"2-l2": [0.7, 0.72, 0.69], "3-l2": [0.7, 0.72, 0.69]}
    write_growth(tmp_path / "three", Growth((race, *others)), figures | more)
    together = judgements(read_run_set(tmp_path / "three", "grow"))["1-dropout"].verdict
    assert together == alone


def test_best_is_what_was_grown_whatever_a_race_showed(growth):
    assert best_rung(read_run_set(growth, "grow")).name == "test-grown"


def test_one_that_is_under_way_has_a_page(tmp_path):
    race = replace(race_of(["dropout", "l2"]), outcome=None)
    write_growth(
        tmp_path,
        Growth((race,)),
        {"0-baseline": [0.7, 0.71], "1-dropout": [0.72], "1-l2": []},
    )
    page = write_study(tmp_path, "grow").markdown
    assert "It is not at its end yet: the same command goes on." in page
    assert "dropout (+2.0 points: under way)" in page
    assert "Not decided yet." in page


def test_a_race_in_which_nothing_could_be_built_is_told(tmp_path):
    race = race_of([], outcome=decided(), refused={"group_norm": "8 groups do not divide 4"})
    write_growth(tmp_path, Growth((race,), end="nothing"), {"0-baseline": [0.7, 0.71, 0.7]})
    page = write_study(tmp_path, "grow").markdown
    assert "None of what it calls for can be built on this model." in page
    assert "group_norm could not be tried: 8 groups do not divide 4" in page


def test_a_failed_trick_is_told(tmp_path):
    outcome = replace(decided(), failed=("1-l2",), verdicts={"1-l2": "undecided"})
    race = race_of(["l2"], outcome=outcome)
    write_growth(
        tmp_path, Growth((race,)), {"0-baseline": [0.7, 0.71, 0.7], "1-l2": [0.7, "failed", 0.7]}
    )
    page = write_study(tmp_path, "grow").markdown
    assert "not kept: 1 of the 3 runs of 1-l2 failed" in page


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
    race = race_of(["l2"], outcome=replace(decided(), verdicts={"1-l2": "undecided"}))
    growth = Growth((race,), end="nothing", last_seeds=(8, 9, 10), spent=120.0)
    figures = {"0-baseline": [0.7, 0.71, 0.7], "1-l2": [0.7, 0.71, 0.7]}
    write_growth(tmp_path, growth, figures | {"test-baseline": [0.7, "failed", 0.71]})
    page = write_study(tmp_path, "grow").markdown
    told = "It is the baseline as it was. 1 of the 3 runs of test-baseline failed, so that"
    assert told in page
