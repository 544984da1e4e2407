"""Calibration and scores of classes against scikit-learn."""

import warnings

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    balanced_accuracy_score,
    f1_score,
    precision_recall_fscore_support,
    precision_score,
)

from trickbook.reports.figures.picture import png_bytes
from trickbook.reports.figures.reliability_figure import reliability_figure
from trickbook.reports.statistics.calibration import calibration, pooled
from trickbook.reports.statistics.class_scores import class_scores


@pytest.fixture(scope="module")
def answers():
    """Logits that are twice too sure, and labels drawn from what they should be."""
    generator = np.random.default_rng(1)
    true = generator.normal(0, 1.5, (3000, 4))
    labels = np.array([generator.choice(4, p=row) for row in softmax(true, axis=1)])
    return 2 * true, labels


def test_the_bins_are_scikit_learns_and_the_error_their_weighted_gap(answers):
    logits, labels = answers
    found = calibration(logits, labels)
    confidence = softmax(logits, axis=1).max(axis=1)
    right = logits.argmax(axis=1) == labels
    accuracy, told = calibration_curve(right, confidence, n_bins=15)
    filled = found.counts > 0
    np.testing.assert_allclose(found.accuracy[filled], accuracy)
    np.testing.assert_allclose(found.confidence[filled], told)
    assert found.counts.sum() == 3000
    assert np.isnan(found.accuracy[~filled]).all()
    # By its definition, image by image.
    expected = 0.0
    for low in np.arange(15) / 15:
        held = (confidence > low) & (confidence <= low + 1 / 15)
        if held.any():
            expected += held.mean() * abs(right[held].mean() - confidence[held].mean())
    assert found.error == pytest.approx(expected)


def test_the_error_tells_the_sure_from_the_well_calibrated(answers):
    logits, labels = answers
    assert calibration(logits, labels).error > 0.1
    assert calibration(logits / 2, labels).error < 0.03


def test_pooling_is_the_calibration_of_all_images_together(answers):
    logits, labels = answers
    parts = [calibration(logits[::2], labels[::2]), calibration(logits[1::2], labels[1::2])]
    whole, together = calibration(logits, labels), pooled(parts)
    np.testing.assert_allclose(together.accuracy, whole.accuracy)
    np.testing.assert_allclose(together.confidence, whole.confidence)
    assert together.error == pytest.approx(whole.error)


def test_a_sure_and_right_classifier_has_no_error():
    found = calibration(np.array([[800.0, 0.0], [0.0, 800.0]]), np.array([0, 1]))
    assert found.error == 0
    assert found.counts.tolist() == [0] * 14 + [2]


def test_precision_and_recall_are_scikit_learns(answers):
    logits, labels = answers
    predicted = logits.argmax(axis=1)
    precision, recall, f1, counts = precision_recall_fscore_support(labels, predicted)
    found = class_scores(predicted, labels, 4)
    np.testing.assert_allclose(found.precision, precision)
    np.testing.assert_allclose(found.recall, recall)
    np.testing.assert_allclose(found.f1, f1)
    np.testing.assert_array_equal(found.counts, counts)
    macro = precision_recall_fscore_support(labels, predicted, average="macro")[:3]
    np.testing.assert_allclose(found.macro(), macro)


def test_what_no_image_tells_of_a_class_is_unknown():
    found = class_scores(np.array([0, 0, 1]), np.array([0, 0, 0]), 3)
    np.testing.assert_array_equal(np.isnan(found.precision), [False, False, True])
    np.testing.assert_array_equal(np.isnan(found.recall), [False, True, True])
    np.testing.assert_array_equal(np.isnan(found.f1), [False, False, True])
    assert found.macro() == pytest.approx((0.5, 2 / 3, 0.4))


def test_the_means_over_classes_are_scikit_learns_where_some_do_not_occur():
    # Of six classes one is never told, one is told and has no examples, two do not occur.
    labels, predicted = np.array([0, 0, 1, 1, 1, 3]), np.array([0, 1, 1, 1, 4, 1])
    precision, recall, f1 = class_scores(predicted, labels, 6).macro()
    assert f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    expected = precision_score(labels, predicted, average="macro", zero_division=0)
    assert precision == pytest.approx(expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the class that is told and has no examples
        assert recall == pytest.approx(balanced_accuracy_score(labels, predicted))


@pytest.mark.drawn
def test_the_picture_tells_the_mean_error_of_the_runs_as_the_table_does():
    # One run is surer than it is right by 0.4, one less sure by 0.4; together they are exact.
    labels = np.arange(10) % 2
    told = np.where(np.arange(10) < 5, 0, 1)
    sure = np.log(np.array([[0.9, 0.1], [0.1, 0.9]]))[told]
    runs = [calibration(sure, labels), calibration(sure, told)]
    mean = (runs[0].error + runs[1].error) / 2
    assert abs(mean - pooled(runs).error) > 0.01
    (legend,) = reliability_figure({"arm": runs}).legends
    assert legend.get_texts()[1].get_text() == f"arm: error {mean:.3f}"


@pytest.mark.drawn
def test_the_picture_is_the_same_whenever_it_is_drawn(answers):
    found = calibration(*answers)
    one, again = (png_bytes(reliability_figure({"a": [found], "b": [found]})) for _ in range(2))
    assert one == again
