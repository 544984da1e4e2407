"""A ladder whose task is to predict a number, from the command to the report."""

import json

import pandas as pd
import pytest

TOML = """
[data]
name = "diabetes"
limit_train = 64

[task]
kind = "regression"

[baseline]
base = "mlp"
dense = [4]

[budget]
epochs = 2
batch_size = 16
seeds = 2

[[rung]]
recipes = ["l2"]
"""


@pytest.fixture(scope="module")
def climbed_table(tmp_path_factory, command):
    folder = tmp_path_factory.mktemp("table")
    (folder / "table.toml").write_text(TOML)
    result = command("run", "table.toml", "--out", "out", "--jobs", "1", cwd=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "val RMSE" in result.stdout
    return folder / "out"


def test_it_is_decided_by_rmse_in_run_and_report(climbed_table):
    frame = pd.read_csv(climbed_table / "ladder.csv")
    assert frame["val_rmse"].notna().all()
    assert frame["delta"].iloc[1] == pytest.approx(
        frame["val_rmse"].iloc[0] - frame["val_rmse"].iloc[1], abs=1e-5
    )
    text = (climbed_table / "report.md").read_text()
    assert "validation RMSE" in text
    assert "accuracy" not in text
    for path in climbed_table.glob("runs/*/run.json"):
        task = json.loads(path.read_text())["task"]
        assert task == {"name": "regression", "metric": "rmse", "direction": "min"}


def test_the_wrong_task_for_the_data_is_said_before_any_training(tmp_path, command):
    (tmp_path / "table.toml").write_text(TOML.replace("regression", "classification"))
    result = command("run", "table.toml", "--out", "out", cwd=tmp_path)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    assert "the ladder's task is classification, and diabetes is for a regression" in said
    assert not list((tmp_path / "out" / "runs").glob("*"))


def test_predicting_from_pictures_is_refused_of_such_a_run(climbed_table, command):
    run = next(climbed_table.glob("runs/*"))
    result = command("predict", str(run), "picture.png", cwd=climbed_table)
    assert result.returncode == 2
    assert "tells numbers from tables" in " ".join(result.stderr.split())
