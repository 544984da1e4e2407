"""An epoch at a time is what Keras does step by step: the same weights, and metrics to rounding."""

from typing import ClassVar

import keras
import numpy as np
import pytest

from trickbook.data import from_arrays
from trickbook.data.batches import pipeline
from trickbook.recipes import L2, BatchNorm, Blueprint, Config, Dropout, Mixup, Slot, compose
from trickbook.training.build import build_model
from trickbook.training.build_batches import build_batches
from trickbook.training.job import Job
from trickbook.training.trained_model import TrainedModel
from trickbook.training.trainer import Trainer

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="other backends train as Keras does"
)
STEPS = 5
BASE = Blueprint(filters=(3,), convolutions=1, dense=(4,), epochs=2, batch_size=7)
KINDS = {
    "plain": BASE,
    "noisy": compose(BASE, [BatchNorm(), Dropout(), L2()]),
    "mixed": Mixup().apply(BASE),
}


def data_of(tiny_images):
    return from_arrays(tiny_images["x_train"][:60], tiny_images["y_train"][:60])


def fitted(data, blueprint):
    """Weights and history of a training of two epochs, in calls of all steps of an epoch."""
    model = build_model(
        blueprint,
        data.image_shape,
        len(data.classes),
        data.scaling,
        steps_per_epoch=STEPS,
        steps_per_execution=STEPS,
    ).training_model
    batches = build_batches(blueprint, data, data.scaling)
    assert batches.steps == STEPS
    # Batches of unequal size, to be weighed by it.
    validation = pipeline.evaluation_batches(data.x_val, data.y_val, data.scaling, batch_size=9)
    assert len(data.x_val) % 9
    tests, (total, *_) = [], model.metrics
    look = keras.callbacks.LambdaCallback()
    look.on_test_begin = lambda _logs=None: tests.append(float(total.count))
    look.on_test_end = lambda logs=None: tests.append(sorted(logs))
    history = model.fit(
        batches.dataset(3, epochs=2),
        epochs=2,
        steps_per_epoch=STEPS,
        validation_data=validation,
        callbacks=[look],
        shuffle=False,
        verbose=0,
    )
    names = sorted(one for one in history.history if "val_" not in one)
    assert tests == [float(STEPS * blueprint.batch_size), names] * 2
    return model.get_weights(), history.history


@pytest.mark.parametrize(
    ("kind", "chunk"),
    [("plain", 20), ("noisy", 2**20), ("mixed", 2**20)],
    ids=["plain, step by step", "noisy, at once", "mixed, at once"],
)
def test_it_trains_as_keras_does(tiny_images, monkeypatch, kind, chunk):
    data = data_of(tiny_images)
    with monkeypatch.context() as patch:
        patch.setattr(TrainedModel, "make_train_function", keras.Model.make_train_function)
        patch.setattr(TrainedModel, "evaluate", keras.Model.evaluate)
        weights, history = fitted(data, KINDS[kind])
    monkeypatch.setattr(pipeline, "CHUNK_VALUES", chunk)
    own_weights, own_history = fitted(data, KINDS[kind])
    for own, kept in zip(own_weights, weights, strict=True):
        np.testing.assert_array_equal(own, kept)
    assert own_history.keys() == history.keys()
    for name, values in history.items():
        np.testing.assert_allclose(own_history[name], values, rtol=1e-5, err_msg=name)


def test_a_single_batch_is_trained_on_too(tiny_images):
    data = data_of(tiny_images)
    model = build_model(
        BASE, data.image_shape, 3, data.scaling, steps_per_epoch=STEPS, steps_per_execution=STEPS
    ).training_model
    before = model.get_weights()
    x = data.scaling.apply(data.x_train[:7])
    loss = model.train_on_batch(x, data.y_train[:7], return_dict=True)["loss"]
    assert np.isfinite(loss)
    assert any((new != old).any() for new, old in zip(model.get_weights(), before, strict=True))


class Counting(keras.callbacks.Callback):
    """A user's own callback, which hears of the batches of each validation."""

    heard: ClassVar = []

    def on_test_batch_end(self, batch, logs=None):
        self.heard.append(batch)


def test_a_callback_hears_every_batch_of_the_validation(tiny_images, monkeypatch, tmp_path):
    # Room for four examples: the largest layer gives three maps of 8x8 pixels.
    monkeypatch.setattr("trickbook.training.evaluation_batch.MOST_BYTES", 4 * 4 * 3 * 8 * 8)
    data = data_of(tiny_images)
    counting = Slot("counting", Config.of(f"{__name__}:Counting"))
    job = Job("x", "0" * 64, BASE.fill("callbacks", counting), 0, tmp_path, "", save_model=False)
    Trainer(data).train(job, lambda *_: None)
    batches = -(-len(data.x_val) // 4)
    assert batches > 1
    assert Counting.heard == [*range(batches)] * BASE.epochs
