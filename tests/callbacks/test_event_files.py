"""`LearningCurves(tensorboard=True)`, read back by TensorBoard's own reader."""

import importlib.util
import warnings

import keras
import numpy as np
import pandas as pd
import pytest
from event_files import read_events

from trickbook.callbacks import ExactResume, LearningCurves
from trickbook.callbacks.recording import event_files

X = np.random.default_rng(0).standard_normal((12, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)
needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="Keras's callback writes by TensorFlow"
)


def fit(*callbacks, epochs=4):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    validation = (X[:5], Y[:5])
    return model.fit(
        X,
        Y,
        batch_size=4,
        epochs=epochs,
        validation_data=validation,
        callbacks=callbacks,
        verbose=0,
    ).history


def recorder(folder, **settings):
    return LearningCurves(folder, plot=False, tensorboard=True, **settings)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fitted")
    return folder, fit(recorder(folder))


@needs_tensorflow
def test_every_figure_of_every_epoch_is_there(fitted):
    folder, history = fitted
    table = pd.read_csv(folder / "history.csv")
    for part, prefix in (("train", ""), ("validation", "val_")):
        events = read_events(folder / "tensorboard" / part)
        for name in ("loss", "mae"):
            steps, values = zip(*events[f"epoch_{name}"], strict=True)
            assert steps == (0, 1, 2, 3)
            np.testing.assert_allclose(values, history[f"{prefix}{name}"], rtol=1e-6)
            np.testing.assert_allclose(values, table[f"{prefix}{name}"], rtol=1e-6)
        has_rate = "epoch_learning_rate" in events
        assert has_rate is (part == "train")


@needs_tensorflow
def test_the_networks_graph_is_there(fitted):
    ((step, text),) = read_events(fitted[0] / "tensorboard" / "train")["keras"]
    assert (step, b"Dense" in text) == (0, True)


@needs_tensorflow
def test_it_changes_no_digit_and_makes_keras_wait_for_no_batch(fitted, tmp_path):
    plain = LearningCurves(tmp_path, plot=False)
    assert fit(plain) == fitted[1]
    assert not (tmp_path / "tensorboard").exists()
    hooks = ("on_train_batch_begin", "on_train_batch_end", "on_test_batch_end", "on_batch_end")
    for name in hooks:
        assert getattr(LearningCurves, name) is getattr(keras.callbacks.Callback, name)


@needs_tensorflow
def test_another_training_replaces_them(tmp_path):
    curves = recorder(tmp_path)
    fit(curves)
    fit(curves, epochs=2)
    events = read_events(tmp_path / "tensorboard" / "validation")
    assert [step for step, _ in events["epoch_loss"]] == [0, 1]


@needs_tensorflow
def test_a_resumed_training_goes_on_in_them(fitted, tmp_path):
    class KilledError(BaseException):
        """As a kill: no `except Exception` has its turn after it."""

    def killed(epoch, logs):
        if epoch == 2:
            raise KilledError

    resume = ExactResume(tmp_path / "resume")
    with pytest.raises(KilledError):
        fit(recorder(tmp_path), keras.callbacks.LambdaCallback(on_epoch_end=killed), resume)
    # What was written before the kill is there at once.
    part = tmp_path / "tensorboard" / "train"
    assert [step for step, _ in read_events(part)["epoch_loss"]] == [0, 1, 2]
    fit(recorder(tmp_path), ExactResume(tmp_path / "resume"))
    events = read_events(part)["epoch_loss"]
    assert [step for step, _ in events] == [0, 1, 2, 2, 3]
    np.testing.assert_allclose([dict(events)[step] for step in range(4)], fitted[1]["loss"])


class Nested(keras.callbacks.Callback):
    """Logs what Keras's callback alone would not take."""

    def on_epoch_end(self, epoch, logs=None):
        logs |= {"head": {"loss": 2.0}, "val_f1": np.array([0.25, 0.5])}


@needs_tensorflow
def test_nested_figures_are_written_by_the_names_of_the_history(tmp_path):
    fit(Nested(), recorder(tmp_path), epochs=1)
    assert read_events(tmp_path / "tensorboard" / "train")["epoch_head/loss"] == [(0, 2.0)]
    validation = read_events(tmp_path / "tensorboard" / "validation")
    assert [validation[f"epoch_f1/{place}"] for place in (0, 1)] == [[(0, 0.25)], [(0, 0.5)]]


@needs_tensorflow
def test_a_full_disk_gives_a_warning_and_training_goes_on(tmp_path, monkeypatch):
    import tensorflow as tf

    def full(*arguments):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(event_files, "flush_event_files", full)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = fit(recorder(tmp_path))
    said = [str(one.message) for one in caught if "could not save" in str(one.message)]
    assert len(said) == 1
    assert "(No space left on device)" in said[0]
    assert len(history["loss"]) == len(pd.read_csv(tmp_path / "history.csv")) == 4


@pytest.mark.parametrize("missing", ["tensorflow", "tensorboard"])
def test_where_a_package_is_missing_it_is_named(tmp_path, monkeypatch, missing):
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == missing else object()
    )
    with pytest.raises(
        ValueError, match=rf"{missing} is not installed: pip install .*tensorboard="
    ):
        recorder(tmp_path)
