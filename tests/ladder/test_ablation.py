"""Each trick alone on the baseline, and each left out of the full stack."""

import json
from dataclasses import dataclass
from shutil import copytree

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from scipy.stats import ttest_rel

from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.cli.carry_out import MOST_RUNS
from trickbook.ladder.ladder_file import read_ladder
from trickbook.ladder.studies.ablation import uses_of
from trickbook.recipes import (
    Augmentation,
    BatchNorm,
    Blueprint,
    Dropout,
    Recipe,
    RecipeError,
    Wider,
    compose,
)
from trickbook.reports.analysis.ablation_effects import beyond_chance, trick_effects
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.read.run_set import read_run_set


@dataclass(frozen=True)
class NeedsNorm(Recipe):
    """Works only beside batch norm."""

    def apply(self, blueprint):
        if blueprint.normalization is None:
            raise RecipeError("it needs a normalization")
        return blueprint.with_settings(learning_rate=0.5)


def arms_of(ladder):
    return {arm.name: arm for arm in ladder.ablation().arms}


def test_the_lectures_tricks_are_named_by_their_uses():
    names = [(use.name, use.rung) for use in uses_of(read_ladder("lecture").steps)]
    assert names[4:] == [
        ("augmentation", 5),
        ("lr_decay", 6),
        ("wider", 7),
        ("augmentation#2", 7),
        ("skip_connections", 8),
        ("wider#2", 9),
    ]


def test_an_arm_holds_the_trick_alone_or_all_but_it():
    tricks = [BatchNorm(), Dropout(rate=0.25), Wider(factor=2.0)]
    base = Blueprint(filters=(2,), dense=(4,))
    arms = arms_of(Ladder("digits", tricks, baseline=base))
    assert arms["alone-dropout"].blueprint == compose(base, [tricks[1]])
    assert arms["without-dropout"].blueprint == compose(base, [tricks[0], tricks[2]])
    assert arms["alone-dropout"].against == "00-baseline"
    assert arms["without-dropout"].against == "03-wider"
    # The first trick alone is the first rung, and all but the last is the rung below the top.
    assert arms["alone-batch_norm"].blueprint == arms["01-batch_norm"].blueprint
    assert arms["without-wider"].blueprint == arms["02-dropout"].blueprint


def test_the_report_is_told_which_arm_is_which():
    tricks = [BatchNorm(), [Dropout(rate=0.25), Wider()], Wider()]
    study = Ladder("digits", tricks, baseline=Blueprint(filters=(2,), dense=(4,))).ablation()
    names = [arm.name for arm in study.arms]
    told = study.details
    assert (names[told["baseline"]], names[told["full"]]) == ("00-baseline", "03-wider")
    found = {one["name"]: (one["rung"], one["alone"], one["without"]) for one in told["tricks"]}
    rungs = {"batch_norm": 1, "dropout": 2, "wider": 2, "wider#2": 3}
    assert found == {
        name: (rung, names.index(f"alone-{name}"), names.index(f"without-{name}"))
        for name, rung in rungs.items()
    }


def test_leaving_out_the_second_use_brings_the_first_back():
    first, second = Augmentation(shift_pixels=1.0), Augmentation(shift_pixels=2.0)
    base = Blueprint(filters=(2,), dense=(4,))
    arms = arms_of(Ladder("digits", [first, [Wider(), second]], baseline=base))
    assert arms["without-augmentation#2"].blueprint == compose(base, [first, Wider()])
    assert arms["without-augmentation"].blueprint == compose(base, [Wider()])
    assert arms["alone-augmentation#2"].blueprint == compose(base, [second])


def test_a_trick_that_cannot_stand_alone_says_why():
    study = Ladder("digits", [BatchNorm(), NeedsNorm()]).ablation()
    tricks = {trick["name"]: trick for trick in study.details["tricks"]}
    assert tricks["needs_norm"]["refused"] == ["alone-needs_norm: it needs a normalization"]
    assert "alone" not in tricks["needs_norm"]
    assert tricks["batch_norm"]["refused"] == ["without-batch_norm: it needs a normalization"]


def test_a_baseline_alone_is_refused():
    with pytest.raises(LadderError, match="no trick to take away"):
        Ladder("digits", []).ablation()


SEEDS = 8


def ablation_on_disk(folder, seeds=SEEDS):
    """Two tricks of which the second only helps beside the first; figures of eight seeds."""
    noise = np.random.default_rng(3).normal(0, 0.004, (5, SEEDS))[:, :seeds]
    centres = {"baseline": 0.8, "a": 0.83, "b": 0.90, "alone-b": 0.80, "without-a": 0.80}
    rows = [(center + noise[row]).tolist() for row, center in enumerate(centres.values())]
    rungs = dict(zip(centres, rows, strict=True))
    write_ladder(folder, rungs)
    content = json.loads((folder / "ladder.json").read_text())
    content["kind"] = "ablation"
    content["details"] = {
        "baseline": 0,
        "full": 2,
        "tricks": [
            {"name": "a", "rung": 1, "alone": 1, "without": 4, "refused": []},
            {"name": "b", "rung": 2, "alone": 3, "without": 1, "refused": []},
        ],
    }
    (folder / "ladder.json").rename(folder / "ablation.json")
    (folder / "ablation.json").write_text(json.dumps(content))
    return {name: np.array(row) for name, row in rungs.items()}


def test_the_three_differences_are_paired_and_turned_so_that_above_zero_helps(tmp_path):
    values = ablation_on_disk(tmp_path)
    a, b = trick_effects(read_run_set(tmp_path, "ablation"))
    for trick, way, upper, lower in (
        (a, "in the ladder", "a", "baseline"),
        (a, "left out", "b", "without-a"),
        (b, "alone", "alone-b", "baseline"),
        (b, "left out", "b", "a"),
    ):
        expected = ttest_rel(values[upper], values[lower])
        found = trick.effects[way].difference
        assert found.mean == pytest.approx((values[upper] - values[lower]).mean())
        assert found.p == pytest.approx(expected.pvalue)
        interval = expected.confidence_interval()
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_a_trick_whose_worth_depends_on_the_others_is_flagged(tmp_path):
    ablation_on_disk(tmp_path)
    tricks = trick_effects(read_run_set(tmp_path, "ablation"))
    assert beyond_chance(tricks) >= {
        ("b", ("in the ladder", "alone")),
        ("b", ("alone", "left out")),
    }
    report = write_study(tmp_path, "ablation")
    assert "The worth of a and b depends on the other tricks" in report.markdown
    assert {"ablation.md", "ablation.html", "ablation.csv", "ablation.png"} <= {
        path.name for path in tmp_path.iterdir()
    }
    assert list(report.frame["trick"]) == ["a", "b"]
    assert list(report.frame["alone_verdict"]) == ["helps", "no difference"]
    assert list(report.frame["margin"]) == [0.01, 0.01]
    assert list(report.frame["alone_failed"]) == [0, 0]


def test_a_trick_of_which_a_run_failed_stays_undecided_and_says_so(tmp_path):
    ablation_on_disk(tmp_path)
    path = next((tmp_path / "runs").glob("03-*0003*")) / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "failed"}))
    a, b = trick_effects(read_run_set(tmp_path, "ablation"))
    assert (a.effects["alone"].verdict.kind, b.effects["alone"].verdict.kind) == (
        "helps",
        "undecided",
    )
    assert set(b.disagreements) == {("in the ladder", "left out")}
    told = "1 of the 8 runs of 03-alone-b failed"
    report = write_study(tmp_path, "ablation")
    assert told in report.markdown
    row = report.frame.set_index("trick").loc["b"]
    assert [row[f"{way}_failed"] for way in ("in_the_ladder", "alone", "left_out")] == [0, 1, 0]


def test_one_seed_gives_a_report_without_intervals_that_says_so(tmp_path):
    ablation_on_disk(tmp_path, seeds=1)
    report = write_study(tmp_path, "ablation")
    assert "One seed gives no interval, so that nothing is decided" in report.markdown
    assert report.frame["alone_low"].isna().all()
    assert set(report.frame["alone_verdict"]) == {"undecided"}


def test_the_command_says_how_many_runs_are_new_and_asks_back_where_they_are_many(
    climbed, tmp_path, command
):
    copytree(climbed.parent, tmp_path / "copy")
    flags = ["ablate", "tiny.toml", "--out", "out", "--jobs", "1", "--seeds", "30"]
    refused = command(*flags, cwd=tmp_path / "copy")
    assert refused.returncode == 2
    # Eight arms are different trainings, three of them the ladder's, of which two seeds are there.
    assert "6 of 240 runs are in out already and are not repeated." in refused.stdout
    said = " ".join(refused.stderr.split())
    assert f"240 runs, 234 of them new: more than {MOST_RUNS}. Give --yes" in said
    assert len(list((tmp_path / "copy" / "out" / "runs").iterdir())) == 6
