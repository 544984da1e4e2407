"""Ladders on tables, from the command to the report."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn.metrics import mean_absolute_error, r2_score

from trickbook.data import DataError, DataSpec, load
from trickbook.ladder import Ladder
from trickbook.ladder.ladder_file import read_ladder
from trickbook.ladder.task_of_data import with_task_of_data
from trickbook.ladder.trained.prediction_inputs import read_batches
from trickbook.recipes import L2, Blueprint, Task

TOML = """
[data]
name = "table:gap.csv"
target = "price"
missing = "median"
ordered = true

[task]
loss = "huber"

[baseline]
base = "mlp"
dense = [4]

[budget]
epochs = 4
batch_size = 16
learning_rate = 0.1
seeds = 1

[[rung]]
recipes = ["l2"]
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """A folder with people.csv: numbers, a text, a number and a class to tell."""
    folder = tmp_path_factory.mktemp("tables")
    draws = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"age": draws.integers(20, 60, 120), "city": draws.choice(["Rome", "Oslo"], 120)}
    )
    frame["price"] = 3 * frame["age"] + draws.normal(0, 5, 120)
    frame["bought"] = np.where(frame["price"] > 120, "yes", "no")
    frame.to_csv(folder / "people.csv", index=False)
    frame.assign(age=frame["age"].where(frame.index != 4)).to_csv(folder / "gap.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def classified(tables, command):
    """What a file that says nothing of data or task comes to on a class to tell."""
    (tables / "any.toml").write_text(TOML[TOML.index("[baseline]") :])
    arguments = ("any.toml", "--data", "table:people.csv", "--target", "bought")
    done = command("run", *arguments, "--out", "classes", "--jobs", "1", cwd=tables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done, tables / "classes"


@pytest.fixture(scope="module")
def regressed(tables, command):
    (tables / "own.toml").write_text(TOML)
    done = command("run", "own.toml", "--out", "numbers", "--jobs", "1", cwd=tables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done, tables / "numbers"


def test_the_target_says_the_task_where_the_file_does_not(classified):
    done, folder = classified
    study = json.loads((folder / "ladder.json").read_text())
    assert (study["task"]["name"], study["task"]["metric"]) == ("classification", "accuracy")
    assert "text of 2 kinds: a classification; kind in [task]" in " ".join(done.stdout.split())


def test_predict_tells_classes_of_the_rows_of_a_table(classified, tables, command):
    _, folder = classified
    frame = pd.read_csv(tables / "people.csv")
    frame.drop(columns="bought").replace("Oslo", "Bern").to_csv(tables / "new.csv", index=False)
    run = next(folder.glob("runs/00-*"))
    told = command("predict", str(run), "people.csv", "new.csv", "--format", "json", cwd=tables)
    assert told.returncode == 0, told.stderr
    said = " ".join(told.stderr.split())
    assert said == "Warning: new.csv: column 'city' holds what no training row has (Bern)."
    rows = json.loads(told.stdout)["predictions"]
    assert rows[120]["input"] == "new.csv row 1"
    data = load(DataSpec(f"table:{tables}/people.csv", target="bought"))
    stored = softmax(np.load(run / "predictions.npz")["val"].astype(float), axis=1)
    prices = frame["price"].astype("float32").tolist()
    assert data.table.columns[-1].name == "price"
    for inputs, expected in zip(data.x_val, stored, strict=True):
        told = rows[prices.index(inputs[-1])]["probabilities"]
        assert told == pytest.approx(dict(zip(data.classes, expected, strict=True)), abs=1e-5)


def test_predict_says_where_a_number_differs_that_never_did_in_training(tables, tmp_path):
    frame = pd.read_csv(tables / "people.csv").assign(fee=3)
    frame.to_csv(tmp_path / "all.csv", index=False)
    frame.assign(fee=[3, 3, 4] * 40).to_csv(tmp_path / "new.csv", index=False)
    told = load(DataSpec(f"table:{tmp_path}/all.csv", target="bought")).summary()
    said = [
        [*next(read_batches([tmp_path / name], [told])).notes] for name in ("all.csv", "new.csv")
    ]
    path = tmp_path / "new.csv"
    assert said == [[], [f"{path}: column 'fee' holds what no training row has (4)."]]


def test_a_table_to_predict_may_have_any_ending(classified, tables, command):
    _, folder = classified
    run = next(folder.glob("runs/00-*"))
    text = (tables / "people.csv").read_text()
    for name in ("people.data", "people"):
        (tables / name).write_text(text)
    files = ("people.csv", "people.data", "people")
    done = command("predict", str(run), *files, "--format", "json", cwd=tables)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["predictions"]
    assert [rows[place]["input"] for place in (0, 120, 240)] == [f"{one} row 1" for one in files]
    told = [row["probabilities"] for row in rows]
    assert told[:120] == told[120:240] == told[240:]
    done = command("predict", str(run), "classes", cwd=tables)
    assert done.returncode == 2
    assert "learnt from a table. Give a CSV or Parquet file" in " ".join(done.stderr.split())


def test_what_was_fitted_is_in_every_run(regressed):
    _, folder = regressed
    runs = [json.loads(path.read_text()) for path in folder.glob("runs/*/run.json")]
    assert len(runs) == 2
    for run in runs:
        table = run["data"]["table"]
        assert [column["name"] for column in table["columns"]] == ["age", "city", "bought"]
        assert table["columns"][1]["categories"] == ["Oslo", "Rome"]
        assert table["columns"][0]["fill"] == pytest.approx(40, abs=8)
        assert run["data"]["ordered"] is True
        assert run["task"]["name"] == "regression"
        assert "Huber" in json.dumps(run["blueprint"]["task"]["loss"])


def test_kind_in_the_file_takes_few_numbers_as_numbers(tables):
    frame = pd.read_csv(tables / "people.csv")
    path = tables / "decades.csv"
    frame.assign(decade=frame["age"] // 10).to_csv(path, index=False)
    (tables / "kind.toml").write_text('[task]\nkind = "regression"\n')
    named = read_ladder(str(tables / "kind.toml"), f"table:{path}")
    named = replace(named, data=replace(named.data, target="decade"))
    assert with_task_of_data(named).data.task == "regression"
    unnamed = with_task_of_data(replace(named, has_kind=False))
    assert (unnamed.data.task, unnamed.baseline.task.kind) == (None, "classification")


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--data", "table:people.csv", "--target", "pric"], "Did you mean price?"),
        (["--data", "table:people.csv"], "(--target COLUMN)"),
        (["--data", "table:none.csv", "--target", "x"], "There is no file none.csv"),
        (["--data", "table:gap.csv", "--target", "price"], "'age' in 1"),
        (["--data", "digits", "--target", "price"], "target is for table:FILE"),
        (["lecture", "--data", "wine"], "the network conv is for images, and wine has rows"),
        (["diabetes", "--data", "wine"], "task is regression, and wine is for a classification"),
        (
            ["diabetes", "--data", "table:people.csv", "--target", "city"],
            "'city' holds text where numbers are needed",
        ),
    ],
)
def test_what_cannot_be_told_is_refused_in_a_line(tables, command, arguments, wanted):
    done = command("run", *arguments, "--out", "refused", cwd=tables)
    assert done.returncode == 2
    assert wanted in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not list((tables / "refused").glob("runs/*"))


def test_a_folder_holds_one_target(classified, tables, command):
    arguments = ("any.toml", "--data", "table:people.csv", "--target", "price")
    done = command("run", *arguments, "--out", "classes", cwd=tables)
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "predicts 'bought' of table:people.csv, but this one predicts 'price'" in said


def test_from_python_the_target_says_the_task_too(tables):
    spec = DataSpec(f"table:{tables / 'people.csv'}", target="price")
    ladder = Ladder(spec, [[L2()]])
    assert {rung.blueprint.task.kind for rung in ladder.rungs} == {"regression"}
    assert Ladder("wine").spec.name == "tabular"
    with pytest.raises(DataError, match="Did you mean price"):
        Ladder(DataSpec(spec.name, target="prize"))


@pytest.mark.parametrize(
    ("target", "kind"), [("price", "regression"), ("bought", "classification")]
)
def test_a_baseline_that_says_nothing_of_the_task_leaves_it_to_the_target(tables, target, kind):
    spec = DataSpec(f"table:{tables / 'people.csv'}", target=target)
    dense = Blueprint(base="fully_connected")
    assert Ladder(spec, [L2()], baseline=dense).spec.baseline.task.kind == kind


def test_a_baseline_that_says_what_decides_says_the_kind(tables):
    spec = DataSpec(f"table:{tables / 'people.csv'}", target="price")
    told = Blueprint(base="fully_connected", task=Task(decides="balanced_accuracy"))
    assert Ladder(spec, [L2()], baseline=told).spec.data.task == "classification"


def test_a_rate_is_found_for_tables_too(tables, command):
    arguments = ("--data", "table:people.csv", "--target", "price", "--steps", "5")
    done = command("lr-find", "0", *arguments, cwd=tables)
    assert done.returncode == 0, done.stderr
    assert (tables / "lr-find-00-baseline.csv").is_file()


def test_a_report_speaks_of_rows_and_numbers(regressed):
    _, folder = regressed
    text = (folder / "report.md").read_text()
    assert "](residuals.png)" in text
    assert (folder / "residuals.png").is_file()
    assert "the mean residual is" in text
    assert not re.search(r"\b[Ii]mage|confusi|accuracy", text)
    header = next(line for line in text.splitlines() if line.startswith("| rung | validation"))
    assert all(f"| {name} " in header for name in ("MAE", "R2", "MASE"))


def test_a_report_tells_each_class_of_rows(classified):
    _, folder = classified
    text = (folder / "report.md").read_text()
    assert "| class | rows | precision | recall | F1 |" in text
    assert "| mean of the classes | 24 |" in text
    assert "Which classes are confused" in text
    assert "residuals" not in text
    assert not re.search(r"\b[Ii]mage", text)


def test_the_figures_are_scikit_learns_and_the_scaled_error_its_formula(regressed, classified):
    for run in regressed[1].glob("runs/*"):
        metrics = json.loads((run / "metrics.json").read_text())
        with np.load(run / "predictions.npz") as kept:
            for split in ("val", "test"):
                told, true = kept[split], kept[f"{split}_labels"]
                steps = [abs(true[i] - true[i - 1]) for i in range(1, len(true))]
                mae = mean_absolute_error(true, told)
                expected = mae / (sum(steps) / (len(true) - 1))
                assert metrics[f"{split}_mase"] == pytest.approx(expected, rel=1e-4)
                assert metrics[f"{split}_mae"] == pytest.approx(mae, rel=1e-4)
                assert metrics[f"{split}_r2"] == pytest.approx(r2_score(true, told), rel=1e-3)
        assert "train_mase" not in metrics
    frame = pd.read_csv(regressed[1] / "ladder.csv")
    assert frame[["val_mae", "val_r2", "val_mase", "test_mase"]].notna().all(axis=None)
    assert not [name for name in frame if "entropy" in name or "f1" in name or "balanced" in name]
    assert "val_mase" not in pd.read_csv(classified[1] / "ladder.csv")
