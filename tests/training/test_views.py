"""Figures over several views of each image, against NumPy."""

import json

import keras
import numpy as np
import pytest

from trickbook.data import DataSpec, load
from trickbook.recipes import BatchNorm, Blueprint, TestTimeAugmentation, compose
from trickbook.training.build import build_model
from trickbook.training.job import Job
from trickbook.training.networks.input_kind import InputKind
from trickbook.training.trainer import Trainer
from trickbook.training.views import outputs_over_views

SMALL = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=1, batch_size=20)


@pytest.fixture(scope="module")
def digits():
    return load(DataSpec("digits", limit_train=60))


def views_by_hand(images, kind):
    """By copying pixel for pixel, how much each counts and the images."""

    def moved(step):
        # What lies beyond the border is as far within as it is beyond.
        places = [abs(place) if place < 8 else 14 - place for place in np.arange(8) + step]
        return images[:, places][:, :, places]

    moves = {"mirror": {0: 1.0}, "mirror_and_shift": {0: 0.5, 1: 0.25, -1: 0.25}}[kind]
    for step, weight in moves.items():
        yield weight / 2, moved(step)
        yield weight / 2, moved(step)[:, :, [7, 6, 5, 4, 3, 2, 1, 0]]


@pytest.mark.parametrize("kind", ["mirror", "mirror_and_shift"])
def test_the_outputs_are_the_mean_over_the_views(digits, kind):
    model = build_model(
        compose(SMALL, [BatchNorm()]), InputKind.of(digits), 10, digits.scaling, steps_per_epoch=1
    ).inference_model
    images = np.asarray(digits.x_val[:23])
    found = outputs_over_views(model, images, kind, batch_size=10)
    expected = sum(
        weight * keras.ops.convert_to_numpy(model(view.astype("f4"))).astype("f8")
        for weight, view in views_by_hand(images, kind)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_run_tells_them_beside_the_plain_figures(digits, tmp_path):
    runs, trainer = {}, Trainer(digits)
    for name, recipes in {"plain": [], "views": [TestTimeAugmentation()]}.items():
        folder = tmp_path / name
        folder.mkdir()
        blueprint = compose(SMALL, recipes)
        trainer.train(Job("x", "0" * 64, blueprint, 0, folder, "", True), lambda *_: None)
        runs[name] = json.loads((folder / "metrics.json").read_text())
        del runs[name]["seconds"]
    told = {name: runs["views"].pop(name) for name in list(runs["views"]) if "views" in name}
    assert runs["views"] == runs["plain"]
    assert set(told) == {"val_accuracy_with_views", "test_accuracy_with_views"}
    model = keras.saving.load_model(tmp_path / "views" / "model.keras")
    logits = sum(
        weight * keras.ops.convert_to_numpy(model(view.astype("f4")))
        for weight, view in views_by_hand(np.asarray(digits.x_test), "mirror_and_shift")
    )
    accuracy = (logits.argmax(axis=1) == digits.labels("test")).mean()
    assert told["test_accuracy_with_views"] == pytest.approx(accuracy)
    unread = Job("x", "0" * 64, blueprint, 0, tmp_path / "unread", "", False, read_test=False)
    trainer.train(unread, lambda *_: None)
    metrics = json.loads((tmp_path / "unread" / "metrics.json").read_text())
    assert metrics["val_accuracy_with_views"] == told["val_accuracy_with_views"]
    assert not [name for name in metrics if "test" in name]
