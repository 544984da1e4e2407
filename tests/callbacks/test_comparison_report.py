"""ComparisonReport: every fit leaves the report of all runs behind."""

import json
import os

import keras
import numpy as np
import pandas as pd
import pytest

from trickbook.callbacks import CleanEvaluation, ComparisonReport, LearningCurves
from trickbook.reports.analysis.comparable_runs import compare
from trickbook.reports.read.run_set import read_run_set

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
Y = np.arange(12) % 2


def fit(*callbacks):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    loss = "sparse_categorical_crossentropy"
    model.compile("sgd", loss, metrics=["accuracy"], run_eagerly=True)
    data = {"validation_data": (X, Y), "verbose": 0}
    return model.fit(X, Y, epochs=2, callbacks=list(callbacks), **data).history


def fit_regressor(folder, loss="mse", **compiling):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", loss, run_eagerly=True, **compiling)
    recorder = LearningCurves(folder, name=folder.name, plot=False)
    data = {"validation_data": (X, Y), "verbose": 0}
    return model.fit(X, Y, epochs=1, callbacks=[recorder], **data).history


def test_report_holds_every_run_so_far(tmp_path):
    report = ComparisonReport(tmp_path)
    for number, name in enumerate(["plain", "wide<b>"]):
        fit(LearningCurves(tmp_path / str(number), name=name, seed=0, plot=False), report)
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert "plain" in page
        assert ("wide&lt;b&gt;" in page) == (number == 1)
    assert "not finished" not in page


def test_a_best_run_is_named_where_accuracy_alone_is_measured(tmp_path):
    for name in ("one", "two"):
        fit(LearningCurves(tmp_path / name, name=name, plot=False))
    (comparison,) = compare(read_run_set(tmp_path))
    assert comparison.best is not None
    assert "val_cross_entropy" not in json.loads((tmp_path / "one/metrics.json").read_text())


def test_of_regressors_the_one_of_the_lowest_loss_is_best(tmp_path):
    losses = {name: fit_regressor(tmp_path / name)["val_loss"][-1] for name in ("one", "two")}
    (comparison,) = compare(read_run_set(tmp_path))
    assert comparison.best.name == min(losses, key=losses.get)


def test_losses_of_other_settings_or_weights_are_not_compared(tmp_path):
    fit_regressor(tmp_path / "a", "mse")
    fit_regressor(tmp_path / "b", keras.losses.MeanSquaredError(name="error"))
    fit_regressor(tmp_path / "c", keras.losses.Huber(delta=0.1))
    fit_regressor(tmp_path / "d", keras.losses.Huber(delta=10.0))
    fit_regressor(tmp_path / "e", "mse", loss_weights=[0.01])
    compared = {
        one.title: [rung.name for rung in one.rungs] for one in compare(read_run_set(tmp_path))
    }
    assert compared == {
        "By loss (mean_squared_error)": ["a", "b"],
        "By loss (huber(delta=0.1))": ["c"],
        "By loss (huber(delta=10.0))": ["d"],
        "By loss (mean_squared_error, weighted by 0.01)": ["e"],
    }


def test_a_report_that_cannot_be_written_does_not_lose_the_training(tmp_path):
    with pytest.warns(UserWarning, match="ComparisonReport could not .*trickbook report"):
        history = fit(ComparisonReport(tmp_path / "empty"))
    assert len(history["loss"]) == 2
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{")
    with pytest.warns(UserWarning, match=r"run\.json cannot be read"):
        fit(ComparisonReport(tmp_path))


def test_a_fault_of_ours_is_not_hidden(tmp_path, monkeypatch):
    def broken(folder):
        raise RuntimeError("a fault")

    monkeypatch.setattr("trickbook.reports.pages.report.write_report", broken)
    with pytest.raises(RuntimeError, match="a fault"):
        fit(ComparisonReport(tmp_path))


def fit_two_heads(folder, names=("a<b>", "c d"), epochs=2):
    """A classifier and a regressor; both have a metric of the same name."""
    inputs = keras.Input((3,))
    model = keras.Model(inputs, {name: keras.layers.Dense(2)(inputs) for name in names})
    losses = keras.losses.SparseCategoricalCrossentropy(from_logits=True), "mse"
    metrics = ["accuracy"], ["mae", "accuracy"]
    model.compile(
        "sgd",
        dict(zip(names, losses, strict=True)),
        metrics=dict(zip(names, metrics, strict=True)),
        run_eagerly=True,
    )
    y = dict(zip(names, (Y, X[:, :2]), strict=True))
    callbacks = [
        CleanEvaluation(X, y),
        LearningCurves(folder / "two", name="<script>|two", seed=0, plot=False),
        ComparisonReport(folder),
    ]
    model.fit(X, y, validation_data=(X, y), epochs=epochs, verbose=0, callbacks=callbacks)


def test_a_model_with_several_outputs_is_reported_by_output(tmp_path):
    fit_two_heads(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    # The page has scripts of its own.
    assert "<script>|two" not in page + text
    assert "&lt;script&gt;|two" in page
    assert "Output a&lt;b&gt;" in page and "Output c d" in page
    assert "| run | validation loss | train loss | validation accuracy | train accuracy |" in text
    row = pd.read_csv(tmp_path / "ladder.csv").loc[0]
    history = pd.read_csv(tmp_path / "two" / "history.csv").iloc[-1]
    assert row["val_a<b>_accuracy"] == pytest.approx(history["val_a<b>_accuracy"], abs=1e-6)
    assert row["train_c d_loss"] == pytest.approx(history["train_clean_c d_loss"], abs=1e-6)
    assert row["val_loss"] == pytest.approx(history["val_loss"], abs=1e-6)
    assert "val_accuracy" not in row
    run = json.loads((tmp_path / "two" / "run.json").read_text())
    assert run["outputs"] == ["a<b>", "c d"]
    assert run["loss"] == {
        "a<b>": "sparse_categorical_crossentropy(from_logits=True)",
        "c d": "mean_squared_error",
    }
    metrics = json.loads((tmp_path / "two" / "metrics.json").read_text())
    assert metrics["metrics"]["c d_mae"] == pytest.approx(history["c d_mae"])
    assert metrics["best_epoch"] == 2


def test_one_instance_serves_two_fits_and_writes_nothing_when_it_only_evaluates(tmp_path):
    report = ComparisonReport(tmp_path)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    model.evaluate(X, Y, verbose=0, callbacks=[report])
    model.predict(X, verbose=0, callbacks=[report])
    assert list(tmp_path.iterdir()) == []
    for name in ("first", "second"):
        recorder = LearningCurves(tmp_path / name, name=name, plot=False)
        model.fit(X, Y, epochs=1, verbose=0, callbacks=[recorder, report])
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "first" in text and "second" in text


def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    report = ComparisonReport(tmp_path / "file")
    with pytest.raises(ValueError, match=r"ComparisonReport cannot write.*Received: folder="):
        fit(report)


def test_a_full_disk_does_not_lose_the_training(tmp_path, monkeypatch):
    recorder = LearningCurves(tmp_path / "run", name="run", plot=False)
    report = ComparisonReport(tmp_path)

    def full(source, target):
        if os.path.basename(target).startswith(("report", "ladder")):  # noqa: PTH119
            raise OSError(28, "No space left on device")
        return replace(source, target)

    replace = os.replace
    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(UserWarning, match="ComparisonReport could not write.*No space left"):
        history = fit(recorder, report)
    assert len(history["loss"]) == 2
    assert {path.name for path in tmp_path.iterdir()} <= {"run", "curves", "curves.png"}
