"""What runs and studies of long names are called in their folder."""

import json

import pytest
from ladder_on_disk import write_run

from trickbook.ladder import Ladder
from trickbook.ladder.studies.file_names import file_name
from trickbook.ladder.trained.chosen_runs import choose_runs
from trickbook.recipes import Blueprint, Wider

# As a report's picture has it, and some more.
ENDING = "-residuals.and-more.png"


@pytest.mark.parametrize("text", ["a", "x" * 200, "é" * 100, "03-dropout,dropout.rate=0.1"])
def test_what_is_not_long_is_called_as_it_is(text):
    assert file_name(text) == text


@pytest.mark.parametrize("text", ["x" * 300, "é" * 150, "x" + "é" * 150, "\udcff" * 300])
def test_what_is_long_is_cut_to_what_a_file_may_be_called_and_stays_apart(text, tmp_path):
    names = {file_name(text), file_name(f"{text}y"), file_name(f"{text}z")}
    assert len(names) == 3
    for name in names:
        (tmp_path / f"{name}{ENDING}").touch()


def test_paths_among_values_make_no_folders():
    assert file_name("01-own,weights=a/b\\c") == "01-own,weights=a_b_c"


class OneOfManyTricksWhoseNameTellsAllThatItDoesWhereAndWhyItIsDone(Wider):
    """A trick of the user's own."""


def test_a_sweep_or_a_curve_of_many_rungs_can_be_written(tiny_images, tmp_path):
    long = OneOfManyTricksWhoseNameTellsAllThatItDoesWhereAndWhyItIsDone()
    ladder = Ladder(
        (tiny_images["x_train"], tiny_images["y_train"]),
        [long] * 4,
        baseline=Blueprint(filters=(2,), batch_size=6),
    )
    rungs = range(5)
    for study in (
        ladder.sweep_of(rungs, {"learning_rate": [1e-3, 1e-2]}).study(),
        ladder.sample_size_of(rungs, [12, 30]),
    ):
        assert study.file.startswith(f"{study.kind}-00-baseline+01-one_of_many")
        (tmp_path / f"{study.file}{ENDING}").touch()


def test_a_rung_of_many_tricks_can_be_refitted_and_predicts(tmp_path):
    long = OneOfManyTricksWhoseNameTellsAllThatItDoesWhereAndWhyItIsDone()
    ladder = Ladder("digits", [[long] * 5], baseline=Blueprint(filters=(2,), batch_size=6))
    study = ladder.refit_of(1)
    (arm,) = study.arms
    assert len(arm.name) > 300
    assert len(study.file.encode()) <= 200
    # As a command leaves it.
    rung = {"index": 0, "name": arm.name, "recipes": arm.recipes, "fingerprints": {"0": "f" * 64}}
    told = {"kind": study.kind, "details": study.details, "rungs": [rung]}
    (tmp_path / f"{study.file}.json").write_text(json.dumps(told))
    run = tmp_path / "runs" / file_name(arm.name)
    write_run(run, arm.name, 0, val=0.5, fingerprint="f" * 64)
    (run / "model.keras").touch()
    for name in (arm.name, "refit-1"):
        assert [one.folder for one in choose_runs(tmp_path, name).runs] == [run]
