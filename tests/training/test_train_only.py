"""Train-only tricks touch training images alone, and mixed labels training labels alone."""

import json

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from trickbook.data import DataSpec, load
from trickbook.data.batches.draw_table import order_of_epoch
from trickbook.recipes import (
    Augmentation,
    BatchSize,
    Blueprint,
    ClassWeight,
    Cutmix,
    LabelSmoothing,
    Mixup,
    Noise,
    RandAugment,
    Task,
    compose,
)
from trickbook.runs.history import read_history
from trickbook.training.build import build_model
from trickbook.training.build_batches import build_batches
from trickbook.training.job import Job
from trickbook.training.trainer import Trainer

SMALL = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=2, batch_size=20)
EVERYTHING = [
    *(Augmentation(brightness_raw=3), RandAugment(), Noise(), Noise("gaussian")),
    *(LabelSmoothing(), ClassWeight()),
]


@pytest.fixture(scope="module")
def digits():
    return load(DataSpec("digits", limit_train=60))


@pytest.fixture(scope="module", params=[Mixup(1.0), Cutmix()], ids=lambda recipe: recipe.name)
def run(request, digits, tmp_path_factory):
    """A run with all of them: its final figures, its last epoch and its saved model."""
    folder = tmp_path_factory.mktemp(request.param.name)
    (folder / "run.json").write_text("{}")
    blueprint = compose(SMALL, [*EVERYTHING, request.param])
    Trainer(digits).train(Job("x", "0" * 64, blueprint, 0, folder, "", True), lambda *_: None)
    metrics = json.loads((folder / "metrics.json").read_text())
    model = keras.saving.load_model(folder / "model.keras")
    return metrics, read_history(folder / "history.csv").iloc[-1], model


def figures(model, images, labels):
    """Accuracy and cross-entropy of the saved model on raw pixels, by NumPy."""
    logits = keras.ops.convert_to_numpy(model(images.astype("float32"), training=False))
    logs = log_softmax(logits.astype("f8"), axis=1)
    return (logits.argmax(axis=1) == labels).mean(), -logs[np.arange(len(labels)), labels].mean()


def test_what_is_evaluated_are_the_images_and_labels_as_they_are(run, digits):
    metrics, last, model = run
    for split, name in (("val", "val"), ("train", "train_clean")):
        images = np.asarray(getattr(digits, f"x_{split}"))
        accuracy, cross_entropy = figures(model, images, digits.labels(split))
        for found in (metrics, {f"{split}_{of}": last[f"{name}_{of}"] for of in FIGURES}):
            assert found[f"{split}_accuracy"] == pytest.approx(accuracy, abs=1e-6)
            assert found[f"{split}_cross_entropy"] == pytest.approx(cross_entropy, rel=1e-4)


FIGURES = ("accuracy", "cross_entropy")


def test_what_is_trained_on_is_neither(digits):
    made = build_batches(compose(SMALL, [*EVERYTHING, Mixup(1.0)]), digits, digits.scaling)
    plain = build_batches(SMALL, digits, digits.scaling)
    (x, y), (plain_x, numbers) = (next(iter(each.dataset(0, epochs=1))) for each in (made, plain))
    x, y, plain_x, numbers = map(keras.ops.convert_to_numpy, (x, y, plain_x, numbers))
    assert x.shape == plain_x.shape
    assert not np.isclose(x, plain_x).all(axis=(1, 2, 3)).any()
    partners = np.roll(numbers, -1)
    own = y[np.arange(20), numbers]
    np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(
        y[np.arange(20), partners], np.where(partners == numbers, own, 1 - own), atol=1e-6
    )
    assert 0.2 < own.mean() < 0.8


def test_alternating_flips_mirror_every_image_in_every_second_epoch(digits):
    flips = Augmentation(crop_area_min=1.0, flip_order="alternating")
    batches = build_batches(flips.apply(SMALL), digits, digits.scaling).dataset(1, epochs=4)
    shown = [keras.ops.convert_to_numpy(x) for x, _ in batches]
    originals = digits.scaling.apply(digits.x_train)
    is_mirrored = []
    for epoch in range(4):
        images = np.concatenate(shown[3 * epoch : 3 * epoch + 3])
        expected = originals[order_of_epoch(1, epoch, 60)]
        mirrored = np.isclose(images, expected[:, :, ::-1]).all(axis=(1, 2, 3))
        assert (mirrored | np.isclose(images, expected).all(axis=(1, 2, 3))).all()
        is_mirrored.append(mirrored[np.argsort(order_of_epoch(1, epoch, 60))])
    np.testing.assert_array_equal(is_mirrored[0], ~is_mirrored[1])
    np.testing.assert_array_equal(is_mirrored[0], is_mirrored[2])
    np.testing.assert_array_equal(is_mirrored[1], is_mirrored[3])
    assert 15 < is_mirrored[0].sum() < 45


def test_metrics_read_shares_and_class_numbers_alike():
    blueprint = Mixup().apply(SMALL)

    class Unscaled:
        scale, offset = (1.0,), (0.0,)

    model = build_model(blueprint, (8, 8, 1), 3, Unscaled, steps_per_epoch=2).training_model
    rng = np.random.default_rng(0)
    images, labels = rng.normal(size=(6, 8, 8, 1)).astype("f4"), rng.integers(0, 3, 6)
    shares = rng.dirichlet(np.ones(3), 6).astype("f4")
    logits = model.predict_on_batch(images).astype("f8")
    for given, each in ((labels, np.eye(3)[labels]), (shares, shares)):
        logs = model.test_on_batch(images, given, return_dict=True)
        expected = -(each * log_softmax(logits, axis=1)).sum(axis=1).mean()
        assert logs["loss"] == pytest.approx(expected, rel=1e-5)
        assert logs["cross_entropy"] == pytest.approx(expected, rel=1e-5)
        told = logits.argmax(axis=1) == each.argmax(axis=1)
        assert logs["accuracy"] == pytest.approx(told.mean())


def test_the_picture_of_samples_shows_mixed_images(digits):
    blueprint = compose(SMALL, [Mixup(1.0), BatchSize(0)])
    assert blueprint.task == Task()
    made = build_batches(blueprint, digits, digits.scaling)
    places = np.arange(10)
    assert not np.isclose(made.look(0, places), digits.scaling.apply(digits.x_train[:10])).all()
    assert made.look(0, places).shape == (10, 8, 8, 1)
