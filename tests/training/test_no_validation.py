"""Training on all examples, none of which are left for validation."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from trickbook.data import Scaling, from_arrays, without_validation
from trickbook.recipes import (
    BatchNorm,
    Blueprint,
    Config,
    EarlyStopping,
    LRPlateau,
    RecipeError,
    Slot,
    TestTimeAugmentation,
    WeightAveraging,
    compose,
)
from trickbook.runs.history import read_history
from trickbook.training import trainer
from trickbook.training.job import Job
from trickbook.training.monitored import check_can_do_without_validation
from trickbook.training.trainer import Trainer

BASE = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=2, batch_size=10)
TRICKS = (BatchNorm(), WeightAveraging(), TestTimeAugmentation())


@pytest.fixture(scope="module")
def images(tiny_images):
    arrays = (tiny_images[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    return from_arrays(*arrays)


def trained(data, folder, blueprint=None, trainer=None):
    chosen = blueprint or compose(BASE, TRICKS)
    job = Job("all", "f" * 64, chosen, 3, folder, "test", save_model=True)
    (trainer or Trainer(data)).train(job, lambda epoch, logs: None)
    return json.loads((folder / "metrics.json").read_text())


def test_it_is_the_training_of_the_same_examples_by_hand(images, tmp_path):
    found = trained(without_validation(images), tmp_path / "refit")
    everything = np.concatenate([images.x_train, images.x_val])
    by_hand = replace(
        images,
        x_train=everything,
        y_train=np.concatenate([images.y_train, images.y_val]),
        scaling=Scaling(
            "standardize", (1 / everything.std(),), (-everything.mean() / everything.std(),)
        ),
    )
    wanted = trained(by_hand, tmp_path / "by-hand")
    del found["seconds"]
    # The curve is of the averaged weights too, which the figures are of.
    history = read_history(tmp_path / "refit" / "history.csv")
    clean = history["train_clean_cross_entropy"].iloc[-1]
    assert clean == pytest.approx(found["train_cross_entropy"], rel=1e-4)
    assert not [name for name in found if "val" in name.split("_")]
    assert found == {name: wanted[name] for name in found}
    assert {"test_accuracy", "test_accuracy_with_views", "train_accuracy"} <= found.keys()
    mine, theirs = (
        keras.saving.load_model(tmp_path / name / "model.keras").get_weights()
        for name in ("refit", "by-hand")
    )
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_it_writes_tells_nothing_of_validation(images, tmp_path):
    trained(without_validation(images), tmp_path, BASE)
    header = (tmp_path / "history.csv").read_text().splitlines()[0].split(",")
    assert "train_clean_accuracy" in header
    assert not [name for name in header if name.startswith("val_")]
    with np.load(tmp_path / "predictions.npz") as kept:
        assert set(kept) == {"test", "test_labels"}
    assert not (tmp_path / "wrong.npz").exists()


@pytest.mark.parametrize(
    ("trick", "text"),
    [
        (EarlyStopping(), "early_stopping monitors val_cross_entropy"),
        (LRPlateau(), "lr_plateau monitors val_cross_entropy"),
    ],
)
def test_tricks_that_go_by_validation_are_refused(trick, text):
    with pytest.raises(RecipeError, match=text):
        check_can_do_without_validation(trick.apply(BASE))
    check_can_do_without_validation(compose(BASE, TRICKS))


class Restless(keras.callbacks.EarlyStopping):
    """A callback of a user's own, which says nowhere in a blueprint what it goes by."""


def test_a_callback_that_goes_by_validation_unsaid_is_refused(images):
    by_default = Config.of("keras.callbacks:EarlyStopping")
    with pytest.raises(RecipeError, match="stop monitors val_loss"):
        check_can_do_without_validation(BASE.fill("callbacks", Slot("stop", by_default)))
    own = BASE.fill("callbacks", Slot("stop", Config.of(f"{__name__}:Restless")))
    check_can_do_without_validation(own)
    with pytest.raises(RecipeError, match="Restless monitors val_loss"):
        Trainer(without_validation(images)).check(own)
    assert Trainer(images).check(own) == []


class KilledError(BaseException):
    """As a kill: no callback and no `except Exception` has its turn after it."""


def test_killed_between_two_epochs_it_ends_with_the_same_digits(images, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0.0)
    data, longer = without_validation(images), compose(BASE.with_settings(epochs=3), TRICKS)
    before = Trainer(data)
    wanted = trained(data, tmp_path / "whole", longer, before)

    def kill(epoch, logs):
        if epoch == 2:
            raise KilledError

    job = Job("all", "f" * 64, longer, 3, tmp_path / "killed", "test", save_model=False)
    with pytest.raises(KilledError):
        before.train(job, kill)
    found = trained(data, tmp_path / "killed", longer)
    del found["seconds"], wanted["seconds"]
    assert found == wanted
