"""Every callback with every sort of model and optimizer; what cannot work is refused in words."""

import functools

import keras
import numpy as np
import pytest
from callback_models import (
    BACKEND,
    ODD_NAMES,
    X,
    Y,
    arrays,
    classifier,
    fit,
    fresh,
    loss_scaled,
    mixed_precision,
    no_labels,
    not_numbers,
    oddly_named,
    scheduled,
    several_batches_per_call,
    state,
    two_heads,
    two_labels,
    two_optimizers,
    unbuilt,
)
from callback_steps import gan, own_step
from callback_table import (
    BATCHES,
    CURVES,
    KINDS,
    NEED_A_NUMBER,
    RATE_SETTERS,
    compare,
    every_kind,
    fit_recorded,
    kinds_together,
    recorded_rows,
)


def assert_refused(name, folder, make, text, y=Y, data=arrays, **arguments):
    """The callbacks refuse to train, in words, and have changed nothing."""
    model = fresh(make, data)
    before = state(model)
    with pytest.raises(ValueError, match=text):
        fit(model, KINDS[name].make(folder, X, y), data=data, **arguments)
    for mine, theirs in zip(state(model), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@kinds_together
@pytest.mark.parametrize("make", [loss_scaled, mixed_precision])
def test_optimizers_and_precisions(tmp_path, name, make):
    compare(name, tmp_path, make)


@kinds_together
def test_a_rate_that_is_a_schedule(tmp_path, name):
    if name in NEED_A_NUMBER:
        text = r"sets the learning rate batch by batch.*Received: the optimizer .* is a schedule$"
        assert_refused(name, tmp_path, scheduled, text)
        return
    compare(name, tmp_path, scheduled)
    for row in recorded_rows(name, tmp_path).get(CURVES, []):
        # It halves every three steps, and an epoch has three.
        assert float(row["learning_rate"]) == pytest.approx(0.05 * 0.5 ** (int(row["epoch"]) - 1))


@kinds_together
def test_several_optimizers_in_one(tmp_path, name):
    compare(name, tmp_path, two_optimizers)
    for row in recorded_rows(name, tmp_path).get(CURVES, []):
        rates = {key for key, value in row.items() if "rate_" in key and value}
        assert rates == {"learning_rate_fast", "learning_rate_slow"}


@every_kind
@pytest.mark.skipif(BACKEND == "jax", reason="Keras on JAX trains with one optimizer only")
def test_a_gan(tmp_path, name):
    if name in NEED_A_NUMBER:
        text = r"has others. Received: a model with the optimizers of_generator$"
        assert_refused(name, tmp_path, gan, text, data=no_labels)
        return
    if name == "CleanEvaluation":
        assert_refused(name, tmp_path, gan, "without a loss and without", y=X, data=no_labels)
        return
    compare(name, tmp_path, gan, data=no_labels)


@kinds_together
def test_a_training_step_of_the_users_own(tmp_path, name):
    found = compare(name, tmp_path, own_step)
    assert "loss" in found.history.history


@kinds_together
@pytest.mark.skipif(BACKEND == "torch", reason="PyTorch has no steps_per_execution")
def test_three_of_ten_batches_per_call(tmp_path, name):
    if name in RATE_SETTERS:
        text = r"sets the rate between batches.*Received: steps_per_execution=3$"
        assert_refused(name, tmp_path, several_batches_per_call, text, batch_size=3)
        return
    compare(name, tmp_path, several_batches_per_call, batch_size=3)
    for file, rows in recorded_rows(name, tmp_path).items():
        steps = [3, 6, 9, 10, 13, 16, 19, 20] if file == BATCHES else [10, 20]
        assert [int(row["step"]) for row in rows] == steps


@kinds_together
def test_a_model_that_is_not_built(tmp_path, name):
    """On TensorFlow the first batch builds it, elsewhere `fit` does before training begins."""
    keras.utils.set_random_seed(3)
    if BACKEND == "tensorflow" and name == "LearningRateFinder":
        with pytest.raises(ValueError, match=r"(?s)[Bb]uil.*Received: .*not built$"):
            fit(unbuilt(), KINDS[name].make(tmp_path, X, Y))
        return
    model = unbuilt()
    found = fit_recorded(model, KINDS[name].make(tmp_path, X, Y))
    assert found.messages == []
    expected = weights_of_a_model_that_was_not_built(KINDS[name].plain)
    for mine, theirs in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


@functools.cache
def weights_of_a_model_that_was_not_built(plain):
    keras.utils.set_random_seed(3)
    model = unbuilt()
    fit(model, plain())
    return model.get_weights()


@kinds_together
def test_outputs_with_metrics_of_the_same_name(tmp_path, name):
    found = compare(name, tmp_path, two_heads, data=two_labels)
    assert {"kind_accuracy", "size_accuracy"} <= set(found.history.history)


@kinds_together
def test_metrics_with_odd_names(tmp_path, name):
    found = compare(name, tmp_path, oddly_named)
    assert set(ODD_NAMES) <= set(found.history.history)


@kinds_together
def test_a_loss_that_is_no_number(tmp_path, name):
    found = compare(name, tmp_path, classifier, data=not_numbers)
    assert np.isnan(found.history.history["loss"]).all()
