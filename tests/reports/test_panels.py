import numpy as np
import pytest

from trickbook.reports.read.panels import group_metrics
from trickbook.reports.statistics.smoothing import smoothed


def groups(columns, outputs=None):
    return {group.output: group.metrics for group in group_metrics(columns, outputs)}


def test_validation_and_clean_figures_belong_to_their_metric():
    columns = ["epoch", "seconds", "step", "learning_rate", "learning_rate_adam", "mae", "loss"]
    columns += ["accuracy", "val_loss", "train_clean_accuracy", "val_only"]
    assert groups(columns) == {"": ["loss", "accuracy", "mae", "only"]}


def test_outputs_are_told_from_their_prefix():
    metrics = ["a_accuracy", "a_b_f1", "a_b_loss", "a_loss", "loss"]
    columns = [*metrics, *(f"val_{name}" for name in metrics)]
    expected = {"": ["loss"], "a": ["a_loss", "a_accuracy"], "a_b": ["a_b_loss", "a_b_f1"]}
    assert groups(columns) == expected
    titles = [group.title(name) for group in group_metrics(columns) for name in group.metrics]
    assert titles == ["loss", "a_b: loss", "a_b: f1", "a: loss", "a: accuracy"]


@pytest.mark.parametrize(
    "columns",
    [
        ["loss", "reconstruction_loss", "kl_loss"],  # a VAE
        ["d_loss", "d_accuracy", "g_loss", "g_accuracy"],  # a GAN has no loss of the whole
        ["loss", "top_loss", "top_5"],  # one alone is no output
    ],
)
def test_losses_of_one_model_are_no_outputs(columns):
    assert list(groups(columns)) == [""]


def test_outputs_that_are_known_count():
    assert groups(["loss", "a_loss", "b_loss"], ["a", "b"]) == {
        "": ["loss"],
        "a": ["a_loss"],
        "b": ["b_loss"],
    }
    columns = ["loss", "a_loss", "a_x", "b_loss", "b_x"]
    assert list(groups(columns)) == ["", "a", "b"]
    assert list(groups(columns, [])) == [""]


def test_smoothing_is_the_mean_weighted_by_age():
    values = np.random.default_rng(0).normal(3.0, 1.0, 50)
    expected = [
        np.average(values[: t + 1], weights=0.8 ** np.arange(t, -1, -1.0)) for t in range(50)
    ]
    assert smoothed(values, 0.8) == pytest.approx(expected)
    assert smoothed(values, 0.0) == pytest.approx(values)
    for broken in (np.nan, np.inf):
        after = smoothed(np.array([*values, broken, 1.0]), 0.8)
        assert after[: len(values)] == pytest.approx(expected)
        assert np.isnan(after[len(values) :]).all()
    assert smoothed(values, 0.0).tolist() == values.tolist()
    assert smoothed(np.empty(0), 0.5).tolist() == []
