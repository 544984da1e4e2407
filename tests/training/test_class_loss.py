"""Smoothed labels, weighed classes and the balanced accuracy against NumPy, on any backend."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import balanced_accuracy_score
from sklearn.utils.class_weight import compute_class_weight

from trickbook.data import from_arrays
from trickbook.recipes import Blueprint, RecipeError, Task
from trickbook.training.tasks import task_at_work
from trickbook.training.tasks.balanced_accuracy import BalancedAccuracy
from trickbook.training.tasks.class_cross_entropy import ClassCrossEntropy
from trickbook.training.tasks.class_weights import class_weights

RNG = np.random.default_rng(1)
CLASSES = 4
LOGITS = RNG.normal(size=(9, CLASSES)) * 3
NUMBERS = RNG.integers(0, CLASSES, 9)
MIXED = RNG.dirichlet(np.ones(CLASSES), 9)
WEIGHTS = (0.5, 2.0, 1.0, 3.0)


def numpy_loss(shares, epsilon, weights):
    """Each example's, weighed by its true classes, over the number of examples."""
    smoothed = (1 - epsilon) * shares + epsilon / CLASSES
    losses = -(smoothed * log_softmax(LOGITS, axis=1)).sum(axis=1)
    return float((losses * (shares @ weights)).mean())


@pytest.mark.parametrize("epsilon", [0.0, 0.2])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_the_loss_is_numpys_of_class_numbers_and_of_shares(epsilon, weights):
    loss = ClassCrossEntropy(epsilon, weights)
    counted = np.ones(CLASSES) if weights is None else np.array(weights)
    one_hot = np.eye(CLASSES)[NUMBERS]
    for labels, shares in (
        (NUMBERS, one_hot),
        (NUMBERS[:, None], one_hot),
        (one_hot.astype("f4"), one_hot),
        (MIXED.astype("f4"), MIXED),
    ):
        expected = numpy_loss(shares, epsilon, counted)
        assert float(loss(labels, LOGITS.astype("f4"))) == pytest.approx(expected, rel=1e-5)


def test_the_loss_is_keras_own_where_keras_has_it():
    logits, one_hot = LOGITS.astype("f4"), np.eye(CLASSES, dtype="f4")[NUMBERS]
    smoothed = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    assert float(ClassCrossEntropy(0.1)(NUMBERS, logits)) == pytest.approx(
        float(smoothed(one_hot, logits)), rel=1e-6
    )
    sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    weighed = sparse(NUMBERS, logits, sample_weight=np.array(WEIGHTS, "f4")[NUMBERS])
    assert float(ClassCrossEntropy(0.0, WEIGHTS)(NUMBERS, logits)) == pytest.approx(
        float(weighed), rel=1e-6
    )


def test_a_blueprint_without_either_has_keras_loss():
    task = task_at_work(Task())
    assert type(task.loss()) is keras.losses.SparseCategoricalCrossentropy
    assert task.loss(0.1).get_config()["label_smoothing"] == 0.1
    assert task.loss(0.0, WEIGHTS).class_weights == WEIGHTS
    again = keras.losses.deserialize(keras.losses.serialize(task.loss(0.1, WEIGHTS)))
    assert again.get_config() == task.loss(0.1, WEIGHTS).get_config()


def test_the_balanced_accuracy_of_batches_is_scikit_learns_of_all():
    """With a class that no example is of, which counts for nothing."""
    labels = np.repeat([0, 1, 3], [20, 6, 3])
    logits = RNG.normal(size=(len(labels), CLASSES)).astype("f4")
    logits[np.arange(len(labels)), labels] += 1
    logits[:, 2] -= 100
    metric = BalancedAccuracy(CLASSES)
    for start in range(0, len(labels), 8):
        batch = slice(start, start + 8)
        one_hot = np.eye(CLASSES, dtype="f4")[labels[batch]]
        metric.update_state(one_hot if start else labels[batch], logits[batch])
    expected = balanced_accuracy_score(labels, logits.argmax(axis=1))
    assert float(metric.result()) == pytest.approx(expected)
    assert expected != pytest.approx((logits.argmax(axis=1) == labels).mean())
    metric.reset_state()
    assert float(metric.result()) == 0


@pytest.fixture(scope="module")
def unequal():
    """40 cats, 12 dogs and 8 owls, split."""
    labels = np.repeat([0, 1, 2], [40, 12, 8])
    images = RNG.integers(0, 256, (60, 8, 8, 1)).astype(np.uint8)
    return from_arrays(images, labels, classes=["cat", "dog", "owl"])


def weights_of(data, given):
    return class_weights(Blueprint(class_weight=given).training, data)


def test_balanced_weights_are_scikit_learns(unequal):
    labels = unequal.labels("train")
    counts = np.bincount(labels)
    found = weights_of(unequal, "balanced")
    np.testing.assert_allclose(found, len(labels) / (3 * counts))
    np.testing.assert_allclose(
        found, compute_class_weight("balanced", classes=np.arange(3), y=labels)
    )
    assert np.array(found)[labels].sum() == pytest.approx(len(labels))
    assert weights_of(unequal, None) is None


def test_a_class_without_training_examples_counts_once_and_the_others_as_without_it(unequal):
    more = replace(unequal, classes=("ant", *unequal.classes), y_train=unequal.y_train + 1)
    assert weights_of(more, "balanced") == (1.0, *weights_of(unequal, "balanced"))


def test_weights_by_name_are_in_the_order_of_the_classes(unequal):
    assert weights_of(unequal, {"owl": 4, "cat": 0.5}) == (0.5, 1.0, 4.0)
    with pytest.raises(RecipeError, match=r"no class 'cow'\. There are: cat, dog, owl\."):
        weights_of(unequal, {"cow": 2})
