"""`trickbook run` with a run of another folder as the backbone: hashed, told of, predicted."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

LADDER = """
[data]
name = "npz:tiny.npz"
classes = ["1", "2"]

[baseline]
filters = [4]
convolutions = 1
dense = [8]

[budget]
epochs = 4
batch_size = 10
seeds = 1

[[rung]]
recipes = [{{ use = "transfer", source = "{source}", unfreeze = 3 }}]
"""


@pytest.fixture(scope="module")
def moved(tmp_path_factory, write_tiny, climbed, command):
    """A folder in which a run of the tiny ladder was moved to two of its classes."""
    folder = write_tiny(tmp_path_factory.mktemp("moved"))
    (source,) = climbed.glob("runs/01-batch_norm-s0-*")
    (folder / "moved.toml").write_text(LADDER.format(source=source.as_posix()))
    result = command("run", "moved.toml", "--out", "out", "--jobs", "1", cwd=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder, source, result.stdout


def run_of(folder):
    (path,) = folder.glob("out/runs/01-transfer-*")
    return path


def test_it_says_beforehand_and_writes_down_what_was_taken_over(moved):
    folder, source, said = moved
    assert f"{source} is frozen for 2 epochs (the frozen part is computed once); then" in said
    about = json.loads((run_of(folder) / "run.json").read_text())
    assert about["backbone"]["source"] == str(source)
    assert re.fullmatch("[0-9a-f]{64}", about["backbone"]["sha256"])
    report = (folder / "out" / "report.md").read_text()
    assert about["backbone"]["sha256"][:12] in report
    assert f"backbone: none -> {source}" in report.replace("\\", "")


def test_equal_weights_elsewhere_are_the_same_run(moved, command):
    folder, source, _ = moved
    shutil.copyfile(source / "model.keras", folder / "copy.keras")
    (folder / "copied.toml").write_text(LADDER.format(source="copy.keras"))
    result = command("run", "copied.toml", "--out", "out", "--dry-run", cwd=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 runs, all in out already" in result.stdout


def test_predict_needs_nothing_but_the_run(moved, command):
    folder, _, _ = moved
    with np.load(folder / "tiny.npz") as arrays:
        np.savez(folder / "new.npz", x=arrays["x_test"][:4])
    result = command("predict", str(run_of(folder)), "new.npz", cwd=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"\b[12]\b", result.stdout)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("gone/model.keras", "There are no weights in gone/model.keras"),
        ("MobileNetV", "no 'MobileNetV' in keras.applications. Did you mean 'MobileNet"),
    ],
)
def test_weights_that_are_not_there_are_told_of_before_any_training(moved, command, source, said):
    folder, _, _ = moved
    (folder / "wrong.toml").write_text(LADDER.format(source=source))
    result = command("run", "wrong.toml", "--out", "wrong", cwd=folder)
    assert result.returncode == 2
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert not list(Path(folder, "wrong").glob("runs/*"))
