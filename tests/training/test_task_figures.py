"""Losses, metrics and final figures of the tasks, against deck L4, scikit-learn and formulas."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from sklearn import metrics

from trickbook.data import Dataset, Scaling
from trickbook.recipes import Blueprint, LabelSmoothing, RecipeError, Task
from trickbook.training.scaled_data import CLEAN_IMAGES, ScaledData
from trickbook.training.tasks import task_at_work
from trickbook.training.tasks.scaled_error import mean_absolute_scaled_error

# Deck L4: three examples, the true class and what two classifiers give for each of three.
L4_LABELS = np.array([2, 1, 0], "int32")
L4_ANSWERS = [
    ([[0.3, 0.3, 0.4], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7]], 1.38),
    ([[0.1, 0.2, 0.7], [0.1, 0.7, 0.2], [0.3, 0.4, 0.3]], 0.64),
]


def data_of(labels, classes=()):
    rows = np.zeros((len(labels), 1), "float32")
    return Dataset(
        "x", classes, rows, labels, rows, labels, rows, labels, Scaling("unit", (1.0,), (0.0,)), ""
    )


@pytest.mark.parametrize(("answers", "cross_entropy"), L4_ANSWERS)
def test_the_worked_example_of_deck_l4(answers, cross_entropy):
    """By the natural logarithm; the deck cuts the accuracy of two in three to 0.66."""
    task, logits = task_at_work(Task()), np.log(answers)
    figures = task.figures({"val": logits}, data_of(L4_LABELS, ("a", "b", "c")))
    assert figures["val_cross_entropy"] == pytest.approx(cross_entropy, abs=0.005)
    assert figures["val_accuracy"] == pytest.approx(2 / 3)
    assert float(task.loss()(L4_LABELS, logits)) == pytest.approx(cross_entropy, abs=0.005)
    accuracy, entropy = task.metrics(3)
    for metric, expected in ((accuracy, 2 / 3), (entropy, cross_entropy)):
        metric.update_state(L4_LABELS, logits)
        assert float(metric.result()) == pytest.approx(expected, abs=0.005)


def test_the_figures_of_a_classification_are_scikit_learns():
    draws = np.random.default_rng(0)
    labels, logits = draws.integers(0, 4, 200).astype("int32"), draws.normal(size=(200, 4))
    data = data_of(labels, tuple("abcd"))
    figures = task_at_work(Task()).figures({"val": logits, "test": logits}, data)
    told, shares = logits.argmax(axis=1), np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    expected = {
        "test_accuracy": metrics.accuracy_score(labels, told),
        "test_cross_entropy": metrics.log_loss(labels, shares),
        "val_balanced_accuracy": metrics.balanced_accuracy_score(labels, told),
        "test_macro_f1": metrics.f1_score(labels, told, average="macro"),
    }
    assert {name: figures[name] for name in expected} == pytest.approx(expected)
    np.testing.assert_array_equal(figures["confusion"], metrics.confusion_matrix(labels, told))


def test_a_class_that_no_test_example_is_of_keeps_its_row_and_its_column():
    labels, logits = np.array([0, 2, 2], "int32"), np.eye(4)[[0, 2, 0]]
    figures = task_at_work(Task()).figures({"test": logits}, data_of(labels, tuple("abcd")))
    expected = [[1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]
    assert figures["confusion"] == expected


def test_the_cross_entropy_of_two_logits_is_the_binary_one_of_their_difference():
    draws = np.random.default_rng(1)
    labels, logits = draws.integers(0, 2, 50), draws.normal(size=(50, 2)).astype("float32")
    binary = keras.losses.BinaryCrossentropy(from_logits=True)
    difference = logits[:, 1:] - logits[:, :1]
    expected = float(binary(labels[:, None].astype("float32"), difference))
    assert float(task_at_work(Task()).loss()(labels, logits)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, lambda error: error**2),
        ("mse", lambda error: error**2),
        ("mae", np.abs),
        ("huber", lambda error: np.where(abs(error) <= 1, error**2 / 2, abs(error) - 0.5)),
    ],
)
def test_a_regression_may_have_another_loss(name, expected):
    task = Task.named("regression", loss=name)
    targets, values = np.array([[0.0], [1.0], [5.0]]), np.array([[0.5], [1.0], [2.0]])
    loss = float(task_at_work(task).loss()(targets, values))
    assert loss == pytest.approx(float(expected(targets - values).mean()), rel=1e-6)
    blueprint = Blueprint(task=task)
    assert Blueprint.from_dict(json.loads(json.dumps(blueprint.to_dict()))) == blueprint
    assert (task == Task("regression")) is (name in (None, "mse"))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, "classification"),
        ({"loss": "mae"}, "regression"),
        ({"decides": "mae"}, "regression"),
        ({"decides": "balanced_accuracy"}, "classification"),
    ],
)
def test_what_decides_and_the_loss_say_the_kind_too(said, kind):
    assert Task.named(**said).kind == kind


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"kind": "regression", "loss": "hubert"}, "one of mse, mae, huber"),
        ({"kind": "classification", "loss": "mae"}, "a classification has the cross-entropy"),
        ({"loss": "mae", "decides": "accuracy"}, "one of rmse, mae for a regression"),
    ],
)
def test_a_loss_that_is_none_of_the_tasks_is_refused(said, wrong):
    with pytest.raises(RecipeError, match=wrong):
        Task.named(**said)


def test_a_trick_for_classes_is_refused_of_a_regression_with_a_loss():
    with pytest.raises(RecipeError, match="for the classes of a classification"):
        LabelSmoothing().apply(Blueprint(task=Task.named(loss="huber")))


def test_the_scaled_error_is_that_of_deck_l4_by_hand():
    # Errors 1, 0, 2 and 1; steps 2, 1 and 3.
    assert mean_absolute_scaled_error(np.array([1, 3, 2, 5]), np.array([2, 3, 4, 4])) == 0.5
    targets = np.array([1.0, 4.0, 2.0])
    before = np.array([1.0, 1.0, 4.0])  # the first is told rightly, as nothing is before it
    assert mean_absolute_scaled_error(targets, before) == pytest.approx((5 / 3) / (5 / 2))
    for none in ([3.0], [3.0, 3.0]):
        assert np.isnan(mean_absolute_scaled_error(np.array(none), np.array(none)))


def test_the_scaled_error_is_a_figure_of_ordered_targets_alone():
    data = data_of(np.array([1, 3, 2, 5], "float32"))
    outputs = {"train": np.array([2, 3, 4, 4.0]), "val": np.array([2, 3, 4, 4.0])}
    task = task_at_work(Task("regression"))
    assert not [name for name in task.figures(outputs, data) if "mase" in name]
    figures = task.figures(outputs, replace(data, ordered=True))
    assert {name: figures[name] for name in figures if "mase" in name} == {"val_mase": 0.5}


@pytest.mark.parametrize("ordered", [True, False], ids=["a series", "an npz file that is sorted"])
def test_the_training_error_along_the_curve_is_of_old_and_new_rows(ordered):
    data = replace(data_of(np.arange(3 * CLEAN_IMAGES, dtype="float32")), ordered=ordered)
    _, targets = ScaledData(data, data.scaling).clean
    assert len(set(targets)) == CLEAN_IMAGES
    assert targets.mean() == pytest.approx(data.y_train.mean())
