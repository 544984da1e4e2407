"""The report of a folder without a ladder: which runs are compared, by what, and what it shows."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from trickbook.reports.analysis.comparable_runs import compare, gap, is_clean, training, validation
from trickbook.reports.pages.report import write_report
from trickbook.reports.read.run_set import read_run_set


def write_run(folder, name, history, seed=None, status="done", metrics=None, **details):
    folder.mkdir(parents=True)
    run = {"name": name, "seed": seed, "status": status, "reason": None, "seconds": 3.0} | details
    (folder / "run.json").write_text(json.dumps(run))
    if history is not None:
        table = pd.DataFrame(history)
        table.insert(0, "epoch", range(1, len(table) + 1))
        table.to_csv(folder / "history.csv", index=False)
    if metrics is not None:
        (folder / "metrics.json").write_text(json.dumps(metrics))


def regression(last, **columns):
    return {"loss": [3.0, last], "val_loss": [4.0, last + 1], "val_mae": [2.0, 1.0]} | columns


def classification(last, name="accuracy"):
    return {"loss": [3.0, 2.0], name: [0.1, last + 0.1], f"val_{name}": [0.1, last]}


def compared(folder):
    return {
        comparison.title: [rung.name for rung in comparison.rungs]
        for comparison in compare(read_run_set(folder))
    }


def test_only_runs_of_one_kind_are_compared(tmp_path):
    for number, (name, history, details) in enumerate(
        [
            ("b", regression(1.0), {"loss": "mse"}),
            ("a", regression(2.0), {"loss": "mse"}),
            ("c", regression(2.0), {"loss": "mae"}),
            ("a", classification(0.5), {"loss": "mse"}),
            ("d", classification(0.6), {"loss": "hinge"}),
            ("e", classification(0.6), {"data": {"name": "digits", "fingerprint": "1"}}),
            ("f", classification(0.6), {"data": {"name": "digits", "fingerprint": "2"}}),
            ("g", {"fid": [3.0, 2.0]}, {}),
            ("h", None, {"status": "running"}),
        ]
    ):
        write_run(tmp_path / str(number), name, history, **details)
    comparisons = compare(read_run_set(tmp_path))
    names = sorted(tuple(rung.name for rung in one.rungs) for one in comparisons)
    assert names == [("a", "b"), ("a", "d"), ("c",), ("e",), ("f",), ("g",)]
    titles = sorted(one.title for one in comparisons)
    assert titles == [
        "By accuracy",
        "By accuracy, on digits",
        "By accuracy, on digits",
        "By loss (mae)",
        "By loss (mse)",
        "Neither accuracy nor loss",
    ]
    text = write_report(tmp_path).markdown
    assert "## By loss (mae)" in text
    assert "h is not finished." in text
    assert "recorded neither an accuracy nor a 'loss'" in text
    # Two runs of one name in two comparisons have curves of their own.
    curves = re.findall(r"\]\((curves/[^)]*a\.png)\)", text)
    assert len(set(curves)) == 2


def test_losses_of_other_weights_are_not_compared(tmp_path):
    for number, weight in enumerate((1.0, 1.0, 2.0)):
        weights = {"loss": "mse", "loss_weights": {"a": weight}}
        write_run(tmp_path / str(number), f"run {number}", regression(1.0), **weights)
    assert compared(tmp_path) == {
        "By loss (mse, weighted by a: 1.0)": ["run 0", "run 1"],
        "By loss (mse, weighted by a: 2.0)": ["run 2"],
    }


def test_figures_against_numpy(tmp_path):
    lasts = [1.0, 2.5, 1.5]
    for seed, last in enumerate(lasts):
        clean = {"train_clean_loss": [np.nan, last / 2], "val_auc": [0.5, np.nan]}
        write_run(tmp_path / str(seed), "one", regression(last, **clean), seed)
    (comparison,) = compare(read_run_set(tmp_path))
    (rung,) = comparison.rungs
    value = validation(rung, "loss")
    assert (value.mean, value.std) == pytest.approx((np.mean(lasts) + 1, np.std(lasts, ddof=1)))
    assert training(rung, "loss").mean == pytest.approx(np.mean(lasts) / 2)
    assert gap(rung, comparison.metric).mean == pytest.approx(np.mean(lasts) / 2 + 1)
    assert validation(rung, "auc").mean == 0.5  # the last that was measured
    row = write_report(tmp_path).frame.loc[0]
    assert row["val_loss"] == pytest.approx(np.mean(lasts) + 1)
    assert row["val_loss_std"] == pytest.approx(np.std(lasts, ddof=1), abs=1e-6)
    assert row["train_loss"] == pytest.approx(np.mean(lasts) / 2, abs=1e-6)
    assert "val_accuracy" not in row.index


def test_training_figures_of_which_some_are_running_means_are_not_clean(tmp_path):
    for seed, more in enumerate(({"train_clean_loss": [np.nan, 0.5]}, {})):
        write_run(tmp_path / str(seed), "one", regression(1.0, **more), seed)
    (comparison,) = compare(read_run_set(tmp_path))
    assert not is_clean(comparison.rungs[0], "loss")


def test_the_lowest_loss_and_the_highest_accuracy_are_best(tmp_path):
    write_run(tmp_path / "r" / "1", "high", regression(2.0))
    write_run(tmp_path / "r" / "2", "low", regression(1.0))
    text = write_report(tmp_path / "r").markdown
    assert "Best by validation: low, with the lowest validation loss, 2.000 (one run)." in text
    assert "accuracy" not in text.split("## How to read it")[0]
    write_run(tmp_path / "c" / "1", "high", classification(0.8, "acc"))
    write_run(tmp_path / "c" / "2", "low", classification(0.7, "acc"))
    text = write_report(tmp_path / "c").markdown
    assert "Best by validation: high, with the highest validation acc, 0.800 (one run)." in text


def test_a_cross_entropy_that_was_not_measured_is_not_taken_for_an_infinite_one(tmp_path):
    # As LearningCurves once wrote what it had not measured.
    told = {"val_accuracy": 0.8, "val_cross_entropy": None}
    measured = {"val_accuracy": 0.8}
    write_run(tmp_path / "1", "one", classification(0.8), metrics=told | {"metrics": measured})
    assert compare(read_run_set(tmp_path))[0].best.name == "one"
    infinite = {"metrics": measured | {"val_sparse_categorical_crossentropy": None}}
    (tmp_path / "1" / "metrics.json").write_text(json.dumps(told | infinite))
    assert compare(read_run_set(tmp_path))[0].best is None


def test_of_several_accuracies_each_has_its_own_figures(tmp_path):
    strict = {"binary_accuracy": [0.2, 0.4], "val_binary_accuracy": [0.1, 0.3]}
    history = classification(0.8) | {"train_clean_accuracy": [0.2, 0.95]} | strict
    metrics = {"train_accuracy": 0.97, "val_accuracy": 0.85}
    write_run(tmp_path / "1", "one", history, metrics=metrics)
    (rung,) = compare(read_run_set(tmp_path))[0].rungs
    figures = {
        name: (validation(rung, name).mean, training(rung, name).mean, is_clean(rung, name))
        for name in ("accuracy", "binary_accuracy")
    }
    assert figures == {"accuracy": (0.85, 0.97, True), "binary_accuracy": (0.3, 0.4, False)}


def test_without_validation_there_is_no_best_and_no_blank_column(tmp_path):
    write_run(tmp_path / "1", "one", {"loss": [2.0, 1.0], "mae": [3.0, 2.0]})
    text = write_report(tmp_path).markdown
    assert "No run has finished with a validation figure of loss to compare." in text
    header = next(line for line in text.splitlines() if line.startswith("| run"))
    assert header.split(" | ")[1:3] == ["train loss", "runs"]
    assert "| – " not in text


def test_the_gap_of_an_error_is_the_same_in_the_table_and_on_the_page(tmp_path):
    task = {"name": "regression", "metric": "rmse", "direction": "min"}
    history = {"loss": [9.0, 4.0], "rmse": [3.0, 2.0], "val_rmse": [4.0, 3.5]}
    metrics = {"train_rmse": 2.0, "val_rmse": 3.5}
    write_run(tmp_path / "1", "one", history, metrics=metrics, task=task)
    report = write_report(tmp_path)
    assert report.frame.loc[0, "gap"] == 1.5
    header, _, row, *_ = [line for line in report.markdown.splitlines() if line[:2] == "| "]
    assert row.split(" | ")[header.split(" | ").index("gap")] == "1.500"
    assert "for an error or a loss it is validation less train" in report.markdown


def test_the_best_epochs_of_the_runs_are_told_from_the_earliest_to_the_latest(tmp_path):
    for seed, best in enumerate((2, 4)):
        history = {"loss": [1.0] * 4, "val_accuracy": np.arange(1, 5) == best}
        write_run(tmp_path / str(seed), "two", history, seed)
    write_run(tmp_path / "one", "one", {"loss": [1.0] * 3, "val_accuracy": [0.1, 0.2, 0.1]})
    text = write_report(tmp_path).markdown
    header, _, *rows = [line for line in text.splitlines() if line[:2] == "| "][:4]
    place = header.split(" | ").index("best epoch")
    assert [row.split(" | ")[place] for row in rows] == ["2", "2 to 4"]


def test_outputs_have_a_table_each(tmp_path):
    columns = ("loss", "a_b_loss", "a_b_auc", "val_a_b_auc", "a_loss", "a_mae", "val_loss")
    history = {name: [1.0, 0.5] for name in columns}
    write_run(tmp_path / "1", "one", history, outputs=["a_b", "a"])
    text = write_report(tmp_path).markdown
    tables = re.findall(r"### (The whole model|Output \S+)\n\n(\| run.*)", text)
    assert tables == [
        ("The whole model", "| run | validation loss | train loss |"),
        ("Output a_b", "| run | train loss | validation auc | train auc |"),
        ("Output a", "| run | train loss | train MAE |"),
    ]


def test_failed_runs_are_counted_and_shown_with_their_reason(tmp_path):
    history = regression(float("nan"))
    write_run(tmp_path / "1", "one", history, 4, "failed", reason="The loss | was <nan>.")
    write_run(tmp_path / "2", "one", regression(1.0), 5)
    report = write_report(tmp_path)
    assert report.frame.loc[0, ["runs", "failed"]].tolist() == [1, 1]
    assert "| 1, 1 failed |" in report.markdown
    assert "- Seed 4 failed: The loss \\| was &lt;nan>." in report.markdown


def test_nothing_but_runs_that_have_not_begun(tmp_path):
    write_run(tmp_path / "1", "one", None, status="running")
    report = write_report(tmp_path)
    assert "No run has finished an epoch" in report.markdown
    assert report.frame["runs"].tolist() == [0]


@pytest.mark.drawn
def test_names_of_any_kind_are_shown_as_they_are(tmp_path):
    metric = "<script>/x y|z_auc"
    history = {"loss": [1.0, 0.5], metric: [0.1, 0.2], f"val_{metric}": [0.1, 0.3]}
    for number, name in enumerate(["$a_b$ <b>", "../c"]):
        write_run(tmp_path / str(number), name, history)
    report = write_report(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    codes = re.findall(r"<script[^>]*>(.{9})", page, re.DOTALL)
    assert len(codes) == page.count("<script") == 2 + 3  # BokehJS and ours; three figures' data
    assert "/x y|z_" not in codes and "<script" not in report.markdown
    page = re.sub("<script.*?</script>", "", page, flags=re.DOTALL)
    assert "&lt;script&gt;/x y|z auc" in page
    assert "<b>" not in page
    for line in report.markdown.splitlines():
        if line.startswith("| run"):
            width = len(re.findall(r"(?<!\\)\|", line))
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == width
    assert len(list((tmp_path / "curves").iterdir())) == 2


def test_the_page_of_one_name_shows_each_figure_once(tmp_path):
    for seed in range(2):
        write_run(tmp_path / str(seed), "one", classification(0.6), seed)
    text = write_report(tmp_path).markdown
    assert re.findall(r"\]\((.*?\.png)\)", text) == ["curves.png"]
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("<img") == 1
    assert not (tmp_path / "curves").exists()


def test_the_same_runs_give_the_same_bytes(tmp_path):
    write_run(tmp_path / "1", "one", regression(1.0))
    write_run(tmp_path / "2", "two", classification(0.5))
    files = ["report.html", "report.md", "ladder.csv", "curves.png", "curves/comparison-2.png"]
    write_report(tmp_path)
    before = [(tmp_path / file).read_bytes() for file in files]
    write_report(tmp_path)
    assert [(tmp_path / file).read_bytes() for file in files] == before


def test_metrics_json_tells_of_the_final_model(tmp_path):
    metrics = {"params": 12, "epochs": 2, "test_accuracy": 0.7, "val_accuracy": 0.65}
    write_run(tmp_path / "1", "one", classification(0.6), metrics=metrics)
    report = write_report(tmp_path)
    assert report.frame.loc[0, ["params", "test_accuracy", "val_accuracy"]].tolist() == [
        12,
        0.7,
        0.65,
    ]
    assert "test accuracy" in report.markdown
    assert "0.700" in report.markdown
    # What the page says is what the table says, though the curve ends at 0.6.
    assert "the highest validation accuracy, 0.650 (one run)" in report.markdown
