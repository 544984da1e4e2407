"""Every callback in every way of calling `fit`: training is as without it, and is recorded."""

import functools

import keras
import numpy as np
import pytest
from callback_models import BACKEND, X, Y, batches, classifier, eager, fit, fresh, state
from callback_table import (
    BATCHES,
    CURVES,
    FEW,
    KINDS,
    RESUMING,
    Fitted,
    assert_as_plain,
    assert_recorded,
    assert_warned,
    compare,
    every_kind,
    files_below,
    fit_recorded,
    kinds_together,
    plain_outcome,
    recorded_rows,
)

UNKNOWN_ORDER = "cannot restore the order of the training data"


def warned_of_order(name):
    return [UNKNOWN_ORDER] if name in RESUMING else []


@every_kind
def test_no_validation(tmp_path, name):
    found = compare(name, tmp_path, classifier)
    assert "val_loss" not in found.history.history


@kinds_together
def test_validation_after_every_other_epoch(tmp_path, name):
    compare(name, tmp_path, classifier, validated=True, validation_freq=2, epochs=4)
    for row in recorded_rows(name, tmp_path).get(CURVES, []):
        assert bool(row["val_loss"]) == (int(row["epoch"]) % 2 == 0)


@functools.cache
def two_plain_fits(plain, first, second):
    """What plain Keras comes to in two fits with the same callbacks: all trained, last history.

    The fits' arguments are frozen sets of items.
    """
    model, callbacks = fresh(classifier), plain()
    fit(model, callbacks, **dict(first))
    history = fit(model, callbacks, **dict(second))
    return state(model), history


@every_kind
def test_one_instance_serves_two_fits(tmp_path, name):
    kind = KINDS[name]
    more = frozenset({"epochs": 3}.items())
    expected, history = two_plain_fits(kind.plain, frozenset(), more)
    callbacks, model = kind.make(tmp_path, X, Y), fresh(classifier)
    fit(model, callbacks)
    found = fit_recorded(model, callbacks, epochs=3)
    assert_as_plain(name, found, expected, history)
    assert_recorded(found)
    assert_warned(found, ())
    for rows in recorded_rows(name, tmp_path).values():
        assert sorted({int(row["epoch"]) for row in rows}) == [1, 2, 3]


@kinds_together
def test_a_fit_that_goes_on_at_a_later_epoch(tmp_path, name):
    kind = KINDS[name]
    one, rest = {"epochs": 1}, {"initial_epoch": 1, "epochs": 3}
    fits = (frozenset(arguments.items()) for arguments in (one, rest))
    expected, history = two_plain_fits(kind.plain, *fits)
    callbacks, model = kind.make(tmp_path, X, Y), fresh(classifier)
    first = fit(model, callbacks, **one)
    found = fit_recorded(model, callbacks, **rest)
    assert_as_plain(name, found, expected, history)
    assert_warned(found, ())
    for file, rows in recorded_rows(name, tmp_path).items():
        steps = range(1, 10) if file == BATCHES else (3, 6, 9)
        assert [int(row["step"]) for row in rows] == list(steps)
        if file == CURVES:
            losses = first.history["loss"] + found.history.history["loss"]
            assert [float(row["loss"]) for row in rows] == losses


@every_kind
def test_no_epochs(tmp_path, name):
    callbacks, model = KINDS[name].make(tmp_path, X, Y), fresh(classifier)
    before = state(model)
    found = fit_recorded(model, callbacks, epochs=0)
    for mine, theirs in zip(state(model), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert found.history.epoch == []
    assert files_below(tmp_path) == []
    nothing_done = {
        "LearningRateFinder": ["the fit ended after 0 of 4 steps"],
        "LearningCurves and ComparisonReport": ["could not write the report"],
    }
    assert_warned(found, nothing_done.get(name, []))
    # It is none the worse for it.
    found = fit_recorded(fresh(classifier), callbacks)
    outcome = plain_outcome(KINDS[name].plain, classifier, frozenset())
    assert_as_plain(name, found, *outcome)


@kinds_together
def test_a_generator_with_steps_per_epoch(tmp_path, name):
    compare(
        name,
        tmp_path,
        classifier,
        warned=warned_of_order(name),
        data=batches(99),
        steps_per_epoch=3,
    )


@kinds_together
def test_a_generator_that_ends_early(tmp_path, name):
    """Three epochs of three batches are asked for; the second is the last, and short."""
    compare(
        name,
        tmp_path,
        classifier,
        warned=warned_of_order(name),
        data=batches(5),
        steps_per_epoch=3,
        epochs=3,
    )


@kinds_together
def test_a_generator_whose_length_no_one_knows(tmp_path, name):
    if name == "OneCycle":
        with pytest.raises(ValueError, match=r"Received: total_steps=None$"):
            fit(fresh(classifier), KINDS[name].make(tmp_path, X, Y), data=batches(4))
        return
    ended = "the fit ended after 3 of 4 steps"
    warned = [ended] if name == "LearningRateFinder" else warned_of_order(name)
    compare(name, tmp_path, classifier, warned=warned, data=batches(3), epochs=1)


class StopAmid(keras.callbacks.Callback):
    """Ends training after the second of an epoch's three batches."""

    def on_train_batch_end(self, batch, logs=None):
        if batch == 1:
            self.model.stop_training = True


@functools.cache
def stopped_plainly(plain):
    """What plain Keras comes to: all that it trained, and its history."""
    model = fresh(classifier)
    history = fit(model, [StopAmid(), *plain()])
    assert history.epoch == [0]
    return state(model), history


@every_kind
def test_stopped_amid_an_epoch(tmp_path, name):
    kind = KINDS[name]
    expected, history = stopped_plainly(kind.plain)
    callbacks, model = kind.make(tmp_path, X, Y), fresh(classifier)
    found = fit_recorded(model, [StopAmid(), *callbacks])
    assert_as_plain(name, found, expected, history)
    ended = "the fit ended after 2 of 4 steps"
    assert_warned(found, [ended] if name == "LearningRateFinder" else [])
    for rows in recorded_rows(name, tmp_path).values():
        assert rows[-1]["step"] == "2"
    if name != "LearningRateFinder":
        assert_recorded(Fitted(model, callbacks, found.history, found.messages))


@every_kind
def test_evaluate_and_predict_only(tmp_path, name):
    model = fresh(classifier)
    loss, outputs = model.evaluate(X, Y, verbose=0), model.predict(X, verbose=0)
    before = state(model)
    callbacks = KINDS[name].make(tmp_path, X, Y)
    assert model.evaluate(X, Y, verbose=0, callbacks=callbacks) == loss
    np.testing.assert_array_equal(model.predict(X, verbose=0, callbacks=callbacks), outputs)
    for mine, theirs in zip(state(model), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert list(tmp_path.iterdir()) == []


@every_kind
def test_on_a_bare_callback(tmp_path, name):
    callbacks = KINDS[name].make(tmp_path, X, Y)
    if len(callbacks) > 1:
        pytest.skip("These are several callbacks.")
    if name == "LearningRateFinder" and BACKEND != "tensorflow":  # others call it from threads
        with pytest.raises(ValueError, match=r"Give fit a list. Received: callbacks="):
            fit(fresh(classifier), callbacks[0])
        return
    found = fit_recorded(fresh(classifier), callbacks[0])
    outcome = plain_outcome(KINDS[name].plain, classifier, frozenset())
    assert_as_plain(name, found, *outcome)
    assert_recorded(found)


@kinds_together
def test_in_a_callback_list_of_the_users(tmp_path, name):
    callbacks, model = KINDS[name].make(tmp_path, X, Y), fresh(classifier)
    listed = keras.callbacks.CallbackList(
        callbacks, add_history=True, model=model, epochs=2, steps=3
    )
    found = Fitted(model, callbacks, fit(model, listed), [])
    outcome = plain_outcome(KINDS[name].plain, classifier, frozenset())
    assert_as_plain(name, found, *outcome)
    assert_recorded(found)
    assert files_below(tmp_path) == sorted(KINDS[name].files)


@kinds_together
def test_in_a_callback_list_that_knows_neither_epochs_nor_steps(tmp_path, name):
    callbacks, model = KINDS[name].make(tmp_path, X, Y), fresh(classifier)
    listed = keras.callbacks.CallbackList(callbacks, add_history=True, model=model)
    if name == "OneCycle":
        with pytest.raises(ValueError, match=r"Give total_steps.*Received: total_steps=None$"):
            fit(model, listed)
        return
    found = Fitted(model, callbacks, fit(model, listed), [])
    outcome = plain_outcome(KINDS[name].plain, classifier, frozenset())
    assert_as_plain(name, found, *outcome)
    assert_recorded(found)


@pytest.mark.parametrize("name", FEW)
def test_a_model_that_runs_eagerly(tmp_path, name):
    compare(name, tmp_path, eager)
