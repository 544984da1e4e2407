"""Scores of single examples, whose mean is the run's figure."""

import json

import numpy as np
import pytest
from ladder_on_disk import write_run
from scipy.special import log_softmax
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_absolute_error,
    recall_score,
    root_mean_squared_error,
)

from trickbook.reports.read.predictions import read_predictions, scores
from trickbook.runs.errors import ReportError
from trickbook.runs.predictions_file import write_predictions
from trickbook.runs.run_folder import read_run, read_runs


def run_with(folder, outputs, labels):
    write_run(folder, "x", 0, 0.9)
    write_predictions(folder, outputs, labels)
    return read_run(folder)


@pytest.fixture
def classifier(tmp_path):
    """40 images of four classes, of which the last has no image."""
    generator = np.random.default_rng(3)
    logits = generator.normal(0, 2, (40, 4))
    labels = np.array([0] * 24 + [1] * 12 + [2] * 4)
    run = run_with(tmp_path / "run", {"val": logits}, {"val": labels})
    return run, logits.astype("float32").astype(float), labels


@pytest.fixture
def regressor(tmp_path):
    generator = np.random.default_rng(4)
    targets = generator.normal(150, 70, 50)
    values = targets + generator.normal(3, 20, 50)
    outputs = {"val": values, "test": values[:10]}
    run = run_with(tmp_path / "run", outputs, {"val": targets, "test": targets[:10]})
    return run, values, targets


def test_a_classifiers_mean_scores_are_scikit_learns_figures(classifier):
    run, logits, labels = classifier
    predicted = logits.argmax(axis=1)
    probabilities = np.exp(log_softmax(logits, axis=1))
    assert set(scores(run, "accuracy")) == {0.0, 1.0}
    assert scores(run, "accuracy").mean() == pytest.approx(accuracy_score(labels, predicted))
    expected = log_loss(labels, probabilities, labels=range(4))
    assert scores(run, "cross_entropy").mean() == pytest.approx(expected)
    expected = recall_score(labels, predicted, average="macro", labels=range(3))
    told = scores(run, "balanced_accuracy")
    assert told.mean() == pytest.approx(expected)
    # A class is as good as its recall, be it of many examples or of few.
    assert [told[labels == one].mean() for one in range(3)] == pytest.approx([expected] * 3)


def test_an_errors_mean_scores_are_scikit_learns_figures(regressor):
    run, values, targets = regressor
    for split, count in (("val", 50), ("test", 10)):
        told, true = values[:count], targets[:count]
        expected = mean_absolute_error(true, told)
        assert scores(run, "mae", split).mean() == pytest.approx(expected, rel=1e-5)
        expected = root_mean_squared_error(true, told)
        assert scores(run, "rmse", split).mean() == pytest.approx(expected, rel=1e-5)


def test_the_scores_of_an_rmse_vary_as_the_rmse_does_over_choices_of_examples(tmp_path):
    """The delta method against the deviation over many samples of examples."""
    generator = np.random.default_rng(5)
    errors = generator.standard_t(8, (4000, 400))
    expected = np.sqrt(np.square(errors).mean(axis=1)).std()
    run = run_with(tmp_path / "run", {"val": errors[0]}, {"val": np.zeros(400)})
    told = scores(run, "rmse").std(ddof=1) / np.sqrt(400)
    assert told == pytest.approx(expected, rel=0.15)


def test_scores_of_balanced_accuracies_vary_as_they_do_over_choices_of_examples(tmp_path):
    """The delta method against many samples, in which the rare class is told better."""
    generator = np.random.default_rng(6)
    labels = generator.permutation(np.repeat([0, 1], [540, 60]))
    right = generator.random(600) < np.where(labels == 1, 0.97, 0.6)
    told = np.where(right, labels, 1 - labels)
    run = run_with(tmp_path / "run", {"val": np.eye(2)[told]}, {"val": labels})
    samples = generator.integers(0, 600, (2000, 600))
    recalls = [
        (right[samples] & (labels[samples] == one)).sum(1) / (labels[samples] == one).sum(1)
        for one in (0, 1)
    ]
    expected = np.mean(recalls, axis=0).std()
    told = scores(run, "balanced_accuracy").std() / np.sqrt(600)
    assert told == pytest.approx(expected, rel=0.08)


def test_a_model_without_error_has_scores_of_0(tmp_path):
    run = run_with(tmp_path / "run", {"val": np.ones(3)}, {"val": np.ones(3)})
    assert scores(run, "rmse").tolist() == [0, 0, 0]


def test_what_was_not_kept_is_none(classifier, tmp_path):
    run, _, _ = classifier
    assert scores(run, "accuracy", "test") is None
    assert scores(run, "test_macro_f1") is None
    assert not read_predictions(run).has("test")
    write_run(tmp_path / "old", "x", 0, 0.9)
    assert read_predictions(read_run(tmp_path / "old")) is None
    assert scores(read_run(tmp_path / "old"), "accuracy") is None


def test_a_damaged_file_is_refused_by_its_name(classifier):
    run, _, _ = classifier
    path = run.folder / "predictions.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ReportError, match=r"predictions\.npz cannot be read"):
        scores(run, "accuracy")


def test_a_climbed_ladders_scores_are_what_its_figures_are_means_of(climbed):
    runs = read_runs(climbed / "runs")
    assert len(runs) == 6
    for run in runs:
        metrics = json.loads((run.folder / "metrics.json").read_text())
        for split in ("val", "test"):
            for metric in ("accuracy", "cross_entropy", "balanced_accuracy"):
                mean = scores(run, metric, split).mean()
                assert mean == pytest.approx(metrics[f"{split}_{metric}"], rel=1e-5), metric
        predictions = read_predictions(run)
        assert predictions.outputs("val").shape == (run.details["data"]["val"], 3)
        assert predictions.labels("test").tolist() == [0, 1, 2] * 10
