"""A ladder whose task is to predict a number, from the command to the report."""

import io
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from trickbook.data import DataSpec, load
from trickbook.ladder.result import best_run
from trickbook.ladder.trained.export_model import ExportFormat, export_run
from trickbook.reports.read.run_set import read_run_set

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
epochs = 20
batch_size = 16
learning_rate = 0.05
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


def test_the_best_run_has_the_lowest_error(climbed_table):
    run_set = read_run_set(climbed_table)
    for rung in run_set.rungs:
        errors = {run.seed: run.metrics["val_rmse"] for run in rung.done}
        assert best_run(run_set, rung).seed == min(errors, key=errors.get)


def test_errors_are_in_units_of_the_target_in_every_column(climbed_table):
    for path in climbed_table.glob("runs/*/history.csv"):
        last, figures = (
            pd.read_csv(path).iloc[-1],
            json.loads((path.parent / "metrics.json").read_text()),
        )
        for metric in ("rmse", "mae"):
            # All training rows are among those that the clean evaluation takes.
            assert last[f"train_clean_{metric}"] == pytest.approx(
                figures[f"train_{metric}"], rel=1e-3
            )
            assert last[f"val_{metric}"] == pytest.approx(figures[f"val_{metric}"], rel=1e-3)


def test_a_folder_of_such_runs_speaks_of_rmse_too(climbed_table, tmp_path, command):
    shutil.copytree(climbed_table / "runs", tmp_path / "flat")
    done = command("report", "flat", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "val RMSE" in done.stdout
    text = (tmp_path / "flat" / "report.md").read_text()
    header = next(line for line in text.splitlines() if line.startswith("| run | validation"))
    assert "| validation RMSE | train RMSE | gap | test RMSE |" in header
    assert "test accuracy" not in text


@pytest.mark.drawn
def test_another_study_of_numbers_has_residuals_of_its_own(climbed_table, command):
    done = command("ablate", "../table.toml", "--out", ".", "--jobs", "1", cwd=climbed_table)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (climbed_table / "ablation.md").read_text()
    assert "](ablation-residuals.png)" in text
    assert (climbed_table / "ablation-residuals.png").is_file()
    assert "accuracy" not in text


def test_the_wrong_task_for_the_data_is_said_before_any_training(tmp_path, command):
    (tmp_path / "table.toml").write_text(TOML.replace("regression", "classification"))
    result = command("run", "table.toml", "--out", "out", cwd=tmp_path)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    assert "the ladder's task is classification, and diabetes is for a regression" in said
    assert not list((tmp_path / "out" / "runs").glob("*"))


def test_no_rate_is_looked_for_where_the_task_is_not_the_datas(tmp_path, command):
    result = command("lr-find", "0", "diabetes", "--data", "digits", cwd=tmp_path)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    assert "the ladder's task is regression, and digits is for a classification" in said


def test_predict_tells_numbers_of_the_rows_of_a_table(climbed_table, tmp_path, command):
    data = load(DataSpec("diabetes", limit_train=64))
    arm = sorted(climbed_table.glob("runs/01-*"))
    columns = json.loads((arm[0] / "run.json").read_text())["data"]["table"]["columns"]
    names = [column["name"] for column in columns]
    pd.DataFrame(data.x_val, columns=names).to_csv(tmp_path / "rows.csv", index=False)
    expected = np.mean([np.load(run / "predictions.npz")["val"] for run in arm], axis=0)
    arguments = ["predict", str(climbed_table), "rows.csv", "--arm", "l2"]
    shown = command(*arguments, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    place, _, value = shown.stdout.splitlines()[0].rpartition(": ")
    assert place == "rows.csv row 1"
    assert float(value) == pytest.approx(expected[0], rel=1e-6)
    np.savez(tmp_path / "rows.npz", x=data.x_val)
    for file in ("rows.csv", "rows.npz"):
        told = command(*arguments[:2], file, *arguments[3:], "--format", "csv", cwd=tmp_path)
        frame = pd.read_csv(io.StringIO(told.stdout))
        assert [*frame.columns] == ["input", "value"]
        np.testing.assert_allclose(frame["value"], expected, rtol=1e-5)
    told = json.loads(command(*arguments, "--format", "json", cwd=tmp_path).stdout)
    assert told["predictions"][0]["value"] == pytest.approx(expected[0], rel=1e-5)


def test_the_model_of_such_a_run_is_exported(climbed_table, tmp_path):
    exported = export_run(
        next(climbed_table.glob("runs/*")), ExportFormat.KERAS, tmp_path / "out.keras"
    )
    assert exported.about == (
        "It takes raw rows, float32 of shape (n, 10), and gives values in units of the target."
    )
    assert exported.difference < 1e-5


def test_predicting_from_pictures_is_refused_of_such_a_run(climbed_table, command):
    run = next(climbed_table.glob("runs/*"))
    result = command("predict", str(run), "picture.png", cwd=climbed_table)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    assert "learnt from a table. Give a CSV or Parquet file with the columns age, sex," in said
