"""ComparisonReport: every fit leaves the report of all runs behind."""

import keras
import numpy as np
import pytest

from trickbook.callbacks import ComparisonReport, LearningCurves

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
Y = np.arange(12) % 2


def fit(*callbacks):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    loss = "sparse_categorical_crossentropy"
    model.compile("sgd", loss, metrics=["accuracy"], run_eagerly=True)
    data = {"validation_data": (X, Y), "verbose": 0}
    return model.fit(X, Y, epochs=2, callbacks=list(callbacks), **data).history


def test_report_holds_every_run_so_far(tmp_path):
    report = ComparisonReport(tmp_path)
    for number, name in enumerate(["plain", "wide<b>"]):
        fit(LearningCurves(tmp_path / str(number), name=name, seed=0, plot=False), report)
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert "plain" in page
        assert ("wide&lt;b&gt;" in page) == (number == 1)
    assert "not finished" not in page


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

    monkeypatch.setattr("trickbook.reports.report.write_report", broken)
    with pytest.raises(RuntimeError, match="a fault"):
        fit(ComparisonReport(tmp_path))
