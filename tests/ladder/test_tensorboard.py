"""`--tensorboard`, which must change nothing but what is there for TensorBoard."""

import importlib.util
import json

import pandas as pd
import pytest
from event_files import read_events
from ladder_folders import figures, runs_of

from trickbook.ladder import Ladder, LadderError

STOPPED = """

[[rung]]
recipes = [{ use = "early_stopping", patience = 1 }]
"""
FLAGS = ("tiny.toml", "--jobs", "1", "--seeds", "1", "--out", "out")


@pytest.fixture(scope="module")
def with_events(tmp_path_factory, write_tiny, command):
    """The first rung, of which the digits are known, and one that stops early."""
    folder = write_tiny(tmp_path_factory.mktemp("events"))
    text = (folder / "tiny.toml").read_text()
    (folder / "tiny.toml").write_text(text[: text.index("[[rung]]")] + STOPPED)
    result = command("run", *FLAGS, "--tensorboard", cwd=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def test_each_run_has_files_with_the_figures_of_its_history(with_events):
    folders = runs_of(with_events / "out").values()
    assert len(folders) == 2
    for folder in folders:
        history = pd.read_csv(folder / "history.csv")
        for part, column in (("train", "accuracy"), ("validation", "val_cross_entropy")):
            events = read_events(folder / "tensorboard" / part)
            found = events[f"epoch_{column.removeprefix('val_')}"]
            assert [step + 1 for step, _ in found] == history["epoch"].tolist()
            assert [value for _, value in found] == pytest.approx(history[column].tolist())


def test_fingerprint_and_digits_are_those_without(with_events, climbed):
    found, expected = figures(with_events / "out"), figures(climbed)
    (name,) = found.keys() & expected.keys()
    assert name.startswith("00-baseline-s0-")
    assert found[name] == expected[name]


def test_finished_runs_are_not_trained_again_for_it(with_events, command):
    result = command("run", *FLAGS, "--tensorboard", "--dry-run", cwd=with_events)
    assert "2 runs, all in out already: nothing to train" in result.stdout


def test_a_run_that_stopped_early_is_finished(with_events):
    (folder,) = (with_events / "out" / "runs").glob("01-early_stopping-*")
    assert json.loads((folder / "run.json").read_text())["status"] == "done"
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["epochs"] == len(pd.read_csv(folder / "history.csv"))
    assert {"flattery", "restored_epoch"} <= metrics.keys()


@pytest.fixture
def without_tensorboard(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "tensorboard" else there(name)
    )


@pytest.mark.parametrize("study", [("run",), ("ablate",), ("sweep", "1"), ("sample-size", "1")])
def test_where_tensorboard_is_missing_every_command_says_so(
    with_events, command, without_tensorboard, study
):
    over = ("--over", "early_stopping.patience=1,2") if study[0] == "sweep" else ()
    result = command(*study, *FLAGS, *over, "--tensorboard", cwd=with_events)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    assert "tensorboard is not installed: pip install tensorboard" in said
    assert "Traceback" not in said


def test_a_program_is_told_so_before_anything_is_written(tmp_path, without_tensorboard):
    with pytest.raises(LadderError, match="tensorboard is not installed"):
        Ladder("digits").run(tmp_path / "out", tensorboard=True)
    assert not (tmp_path / "out").exists()
