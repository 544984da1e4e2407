"""Early stopping: the weights of the lowest validation loss, whatever happens on the way."""

import json
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax

from trickbook.data import DataSpec, from_arrays, load
from trickbook.recipes import (
    Blueprint,
    EarlyStopping,
    LRPlateau,
    Task,
    WeightAveraging,
    compose,
)
from trickbook.training import trainer, write_results
from trickbook.training.chosen_epoch import ChosenEpoch, restoring
from trickbook.training.flattery import flattery
from trickbook.training.job import Job

EPOCHS = 14
# At such a rate the validation loss goes up and down, and up.
PLAIN = Blueprint(base="mlp", dense=(16,), epochs=EPOCHS, batch_size=18, learning_rate=0.05)
STOPPING = EarlyStopping(patience=3).apply(PLAIN)


@pytest.fixture(scope="module")
def data(tiny_images):
    """The tiny images, of which a third has a label drawn at random, so that training overfits."""
    images = np.concatenate([tiny_images["x_train"], tiny_images["x_test"]])
    labels = np.concatenate([tiny_images["y_train"], tiny_images["y_test"]])
    labels = np.where(np.arange(120) % 5 < 2, np.random.default_rng(0).permutation(labels), labels)
    return from_arrays(images, labels)


@pytest.fixture(scope="module")
def runs(data):
    return trainer.Trainer(data)


def train(runs, blueprint, folder, on_epoch=lambda *_: None, save_model=False):
    """The history and the metrics of a run, without its times."""
    runs.train(Job("x", "f" * 64, blueprint, 0, folder, "test", save_model), on_epoch)
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["seconds"]
    return pd.read_csv(folder / "history.csv").drop(columns="seconds"), metrics


@pytest.fixture(scope="module")
def stopped_in(tmp_path_factory):
    return tmp_path_factory.mktemp("stopped")


@pytest.fixture(scope="module")
def said():
    """What the network of `stopped` says of the validation images after each of its epochs."""
    return []


@pytest.fixture(scope="module")
def stopped(runs, data, said, stopped_in):
    def note(*_):
        network = runs._phases[-1].model
        said.append(network.predict_on_batch(data.scaling.apply(data.x_val)))

    return train(runs, STOPPING, stopped_in, on_epoch=note, save_model=True)


def test_it_stops_when_the_loss_has_not_fallen_for_so_long(stopped):
    history, metrics = stopped
    best = int(history["val_cross_entropy"].idxmin())
    assert len(history) == metrics["epochs"] == best + 1 + 3 < EPOCHS
    assert metrics["restored_epoch"] == best + 1


def test_the_figures_are_those_of_the_lowest_loss(stopped):
    history, metrics = stopped
    row = history.iloc[metrics["restored_epoch"] - 1]
    for name in ("val_cross_entropy", "val_accuracy"):
        assert metrics[name] == pytest.approx(row[name], rel=1e-5)
    assert metrics["val_cross_entropy"] < history["val_cross_entropy"].iloc[-1]


def test_the_predictions_and_the_saved_model_are_too(data, stopped, stopped_in):
    _, metrics = stopped
    kept = np.load(stopped_in / "predictions.npz")["val"]
    loaded = keras.saving.load_model(stopped_in / "model.keras")
    saved = loaded.predict(data.x_val, verbose=0)
    for logits in (kept, saved):
        losses = -log_softmax(logits, axis=1)[np.arange(len(logits)), data.y_val]
        assert losses.mean() == pytest.approx(metrics["val_cross_entropy"], rel=1e-5)


def test_until_then_it_changes_no_digit(runs, stopped, tmp_path):
    history, _ = stopped
    plain, metrics = train(runs, replace(PLAIN, epochs=len(history)), tmp_path)
    pd.testing.assert_frame_equal(
        plain.drop(columns=[name for name in plain if "clean" in name]),
        history.drop(columns=[name for name in history if "clean" in name]),
    )
    assert not metrics.keys() & {"flattery", "restored_epoch"}


def test_a_training_that_is_not_stopped_ends_with_the_best_weights_too(runs, stopped, tmp_path):
    history, metrics = train(runs, EarlyStopping(patience=EPOCHS).apply(PLAIN), tmp_path)
    assert len(history) == metrics["epochs"] == EPOCHS
    assert metrics["val_cross_entropy"] == pytest.approx(history["val_cross_entropy"].min())


@pytest.mark.parametrize(
    "others",
    [[LRPlateau(0.5, 1)], [WeightAveraging(momentum=0.8)], [WeightAveraging(kind="lookahead")]],
    ids=str,
)
def test_with_other_tricks_the_best_weights_are_kept_too(runs, tmp_path, others):
    history, metrics = train(runs, compose(STOPPING, others), tmp_path)
    best = history["val_cross_entropy"]
    assert metrics["restored_epoch"] == best.idxmin() + 1 < len(history)
    assert metrics["val_cross_entropy"] == pytest.approx(best.min(), rel=1e-5)


@pytest.mark.parametrize("last", ["amid", "after"])
def test_the_best_weights_and_the_flattery_survive_a_kill(
    runs, stopped, tmp_path, monkeypatch, last
):
    class KilledError(BaseException):
        """As a kill: no `except Exception` has its turn after it."""

    def killed(*arguments):
        raise KilledError

    history, metrics = stopped
    # Behind the best epoch, so that its weights are no longer the model's; or after the stop.
    kill_at = metrics["restored_epoch"] + 2
    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0.0)
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        if last == "after":
            patch.setattr(write_results, "final_metrics", killed)
        train(
            runs,
            STOPPING,
            tmp_path,
            on_epoch=lambda epoch, _: killed() if (last, epoch) == ("amid", kill_at) else None,
        )
    epochs = []
    again, found = train(runs, STOPPING, tmp_path, on_epoch=lambda epoch, _: epochs.append(epoch))
    assert epochs == ([kill_at, kill_at + 1] if last == "amid" else [])
    pd.testing.assert_frame_equal(again, history)
    assert found == metrics


def test_the_flattery_is_that_of_what_the_network_said_in_each_epoch(data, stopped, said):
    _, metrics = stopped
    losses = -log_softmax(said, axis=2)[:, np.arange(len(data.y_val)), data.y_val]
    rights = (np.array(said).argmax(axis=2) == data.y_val).astype(float)
    assert len(losses) == metrics["epochs"]
    assert metrics["flattery"] == pytest.approx(flattery(losses, rights), abs=1e-6)


def test_the_flattery_is_of_the_examples_that_each_epoch_is_measured_on(data, tmp_path):
    some = replace(data, val_in_epochs=16)
    runs, said = trainer.Trainer(some), []

    def note(*_):
        network = runs._phases[-1].model
        said.append(network.predict_on_batch(data.scaling.apply(data.x_val[:16])))

    _, metrics = train(runs, STOPPING, tmp_path, on_epoch=note)
    labels = data.y_val[:16]
    losses = -log_softmax(said, axis=2)[:, np.arange(16), labels]
    rights = (np.array(said).argmax(axis=2) == labels).astype(float)
    expected = flattery(losses, rights) * 16 / len(data.y_val)
    assert len(data.y_val) > 16
    assert metrics["flattery"] == pytest.approx(expected, abs=1e-6)


def test_a_regression_stops_at_the_lowest_error_in_units_of_the_target(tmp_path):
    settings = {"base": "mlp", "dense": (64,), "batch_size": 66, "learning_rate": 0.05}
    blueprint = Blueprint(task=Task("regression"), epochs=30, **settings)
    runs = trainer.Trainer(load(DataSpec("diabetes")))
    history, metrics = train(runs, EarlyStopping(patience=30).apply(blueprint), tmp_path)
    errors = history["val_rmse"]
    assert metrics["restored_epoch"] == errors.idxmin() + 1 < len(errors)
    assert metrics["val_rmse"] == pytest.approx(errors.min(), rel=1e-5)
    assert 0 < abs(metrics["flattery"]) < errors.min()


LOGITS = np.random.default_rng(0).standard_normal((5, 40, 3)) * 2
LABELS = np.arange(40) % 3


@pytest.mark.parametrize(("metric", "sign"), [("accuracy", 1), ("cross_entropy", -1)])
def test_examples_that_did_not_choose_are_not_flattered(metric, sign):
    epochs = iter(LOGITS)
    stopping = keras.callbacks.EarlyStopping("val_cross_entropy", restore_best_weights=True)
    chosen = ChosenEpoch(stopping, lambda: next(epochs), LABELS, metric)
    stopping.on_train_begin()
    chosen.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    for epoch in range(5):
        chosen.on_epoch_end(epoch)
    losses = -log_softmax(LOGITS, axis=2)[:, np.arange(40), LABELS]
    scores = losses if metric == "cross_entropy" else (LOGITS.argmax(axis=2) == LABELS)
    expected = sign * flattery(losses, scores.astype(float))
    assert expected > 0
    assert chosen.facts(40)["flattery"] == pytest.approx(expected)
    assert chosen.facts(100)["flattery"] == pytest.approx(0.4 * expected)


def test_of_a_choice_by_what_no_example_has_a_share_in_only_the_epoch_is_told():
    stopping = keras.callbacks.EarlyStopping("val_loss", restore_best_weights=True)
    chosen = ChosenEpoch(stopping, lambda: pytest.fail("measured"), LABELS, "accuracy")
    stopping.on_train_begin()
    chosen.on_epoch_end(0)
    assert chosen.facts(40) == {"restored_epoch": 1}
    assert restoring([keras.callbacks.EarlyStopping(), stopping]) is stopping
    assert restoring([keras.callbacks.EarlyStopping()]) is None


@pytest.mark.parametrize(("examples", "is_told"), [(1, False), (3, False), (4, True)])
def test_of_too_few_examples_no_flattery_is_told(examples, is_told):
    stopping = keras.callbacks.EarlyStopping("val_cross_entropy", restore_best_weights=True)
    answers, labels = LOGITS[0, :examples], LABELS[:examples]
    chosen = ChosenEpoch(stopping, lambda: answers, labels, "accuracy")
    stopping.on_train_begin()
    chosen.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    chosen.on_epoch_end(0)
    assert ("flattery" in chosen.facts(examples)) == is_told
