"""What users have from the version before works on, or the error says what to change.

`version_before/` was written by and for 0.1.0: a recipe module, a ladder file, and the folder of
its three runs, without their pictures and pages.
"""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from ladder_folders import is_done

from trickbook.recipes import RecipeError, find_recipe

BEFORE = Path(__file__).parents[1] / "version_before"


@pytest.fixture
def before(write_tiny, tmp_path, monkeypatch):
    """A folder with the ladder file, its data and recipe module, and its runs in out/."""
    shutil.copytree(BEFORE, tmp_path, dirs_exist_ok=True)
    monkeypatch.syspath_prepend(tmp_path)
    return write_tiny(tmp_path)


def test_runs_are_reported_on(command, before):
    result = command("report", "out", cwd=before)
    assert result.returncode == 0, result.stderr
    assert "Report: out" in result.stdout
    table = pd.read_csv(before / "out" / "ladder.csv")
    assert list(table["recipe"]) == ["baseline", "dropout+l2+lr_decay", "gate+augmentation"]
    metrics = [
        json.loads(path.read_text()) for path in sorted(before.glob("out/runs/*/metrics.json"))
    ]
    assert list(table["val_accuracy"]) == [each["val_accuracy"] for each in metrics]
    assert list(table["runs"]) == [1, 1, 1]
    page = (before / "out" / "report.md").read_text()
    assert "after_stage: + ChannelGate()" in page
    assert "trickbook 0.1.0" in page


def test_runs_are_drawn(command, before):
    result = command("plot", "out", cwd=before)
    assert (result.returncode, result.stdout) == (0, "Curves: history.png\n")


def test_a_recipe_with_checks_of_its_own_keeps_them_and_its_card(before):
    gate = find_recipe("my_tricks:Gate")
    assert gate.card()["Settings"] == "factor = 0.5\nfactor: of the learning rate, above 0."
    with pytest.raises(RecipeError, match=r"gate: factor must be above 0\."):
        gate(factor=-1)


def test_the_ladder_is_climbed_in_the_same_folder_and_no_run_of_it_is_lost(command, before):
    there = {path: path.read_bytes() for path in before.glob("out/runs/*/*")}
    options = ("--out", "out", "--no-models", "--jobs", "1")
    result = command("run", "my_ladder.toml", *options, cwd=before)
    assert result.returncode == 0, result.stdout + result.stderr
    # Their digits are of another version, so they do not stand for today's.
    assert "3 runs to train, 1 at a time." in result.stdout
    assert {path: path.read_bytes() for path in there} == there
    new = [path for path in before.glob("out/runs/*") if "-s3-" in path.name]
    assert sorted(path.name.rpartition("-s3-")[0] for path in new) == [
        "00-baseline",
        "01-dropout+l2+lr_decay",
        "02-gate+augmentation",
    ]
    assert all(map(is_done, new))


@pytest.mark.parametrize(
    ("wanted", "advice"),
    [
        ("ladder.parts import NetworkParts", "It is trickbook.training.networks.parts now."),
        ("ladder.errors import LadderError", "It is trickbook.training.errors now."),
        *(
            (f"{moved} import x", "CHANGELOG.md says what has moved within trickbook.")
            for moved in ("ladder.crew", "ladder.samples", "data.scaling", "callbacks.provenance")
        ),
    ],
)
def test_a_module_that_moved_is_named_where_it_is_now(before, wanted, advice):
    (before / "with_moved.py").write_text(f"from trickbook.{wanted}\n")
    with pytest.raises(RecipeError) as refused:
        find_recipe("with_moved:Gate")
    assert "No module named 'trickbook." in str(refused.value)
    assert str(refused.value).endswith(advice)
