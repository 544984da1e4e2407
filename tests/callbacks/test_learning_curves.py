"""LearningCurves in a plain `model.fit`, in all the ways that people call it."""

import copy
import errno
import functools
import json
import math
import os
import pickle
import warnings
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from small_fits import X, Y, adding, compiled, fit, names_in, recorded, values

from trickbook.callbacks import LearningCurves
from trickbook.callbacks.recording import writable_folder
from trickbook.runs.atomic_files import write_text
from trickbook.runs.run_folder import read_run

pytestmark = pytest.mark.drawn


def test_records_what_history_holds(tmp_path):
    recorder = LearningCurves(tmp_path / "a" / "b", plot=False)
    history = fit(compiled(), recorder, validation_data=(X, Y)).history
    table = recorded(tmp_path / "a" / "b")
    assert list(table) == ["epoch", "seconds", "learning_rate", "step", *history]
    assert table["epoch"] == ["1", "2", "3"]
    assert table["step"] == ["2", "4", "6"]  # 12 samples in batches of 6
    assert table["learning_rate"] == ["0.125"] * 3
    for name, expected in history.items():
        assert values(tmp_path / "a" / "b", name) == expected
    seconds = values(tmp_path / "a" / "b", "seconds")
    assert seconds == sorted(seconds)
    assert seconds[0] > 0
    assert names_in(tmp_path / "a" / "b") == ["history.csv"]


def test_no_validation_and_validation_every_other_epoch(tmp_path):
    fit(compiled(), LearningCurves(tmp_path / "none", plot=False))
    assert list(recorded(tmp_path / "none"))[4:] == ["accuracy", "loss"]
    history = fit(
        compiled(),
        LearningCurves(tmp_path / "some", plot=False),
        epochs=4,
        validation_data=(X, Y),
        validation_freq=2,
    ).history
    first, second = history["val_loss"]
    assert values(tmp_path / "some", "val_loss") == [None, first, None, second]


def test_late_nested_and_array_metrics(tmp_path):
    late = adding(lambda epoch: {"late": 1.5} if epoch == 1 else {})
    several = adding(lambda epoch: {"head": {"f1": np.array([0.25, 0.5])}, "note": "text"})
    fit(compiled(), several, late, LearningCurves(tmp_path, plot=False))
    assert values(tmp_path, "late") == [None, 1.5, None]
    assert values(tmp_path, "head/f1/1") == [0.5] * 3
    assert "note" not in recorded(tmp_path)


def test_metrics_that_are_added_after_it_are_named_once(tmp_path):
    late = adding(lambda epoch: {"f1": 0.5, "train_clean_loss": 0.25} if epoch else {})
    with pytest.warns(UserWarning) as caught:
        fit(compiled(), LearningCurves(tmp_path, plot=False), late, epochs=4)
    assert [str(one.message) for one in caught if one.category is UserWarning] == [
        "LearningCurves misses the metrics f1, train_clean_loss: the callback that adds them to "
        "the logs comes after it. Put LearningCurves further down the list."
    ]
    assert "f1" not in recorded(tmp_path)


def test_metrics_that_are_added_after_the_only_epoch_are_named(tmp_path):
    late = adding(lambda epoch: {"f1": 0.5})
    with pytest.warns(UserWarning, match="misses the metrics f1:"):
        fit(compiled(), LearningCurves(tmp_path, plot=False), late, epochs=1)


def test_a_rate_that_is_logged_after_it_is_not_missed(tmp_path, recwarn):
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    fit(compiled(), LearningCurves(tmp_path, plot=False), schedule)
    assert not [one for one in recwarn if one.category is UserWarning]


def test_nan_is_literal_and_the_run_failed(tmp_path):
    diverging = adding(lambda epoch: {"loss": [1.0, math.inf, math.nan][epoch], "low": -math.inf})
    fit(compiled(), diverging, LearningCurves(tmp_path, name="wild"))
    assert recorded(tmp_path)["loss"] == ["1.0", "inf", "nan"]
    assert recorded(tmp_path)["low"] == ["-inf"] * 3
    run = read_run(tmp_path)
    assert run.status == "failed"
    assert run.reason == "The loss was nan at the end of epoch 3."
    assert (tmp_path / "curves.png").exists()


def test_real_divergence_fails(tmp_path):
    fit(compiled(), LearningCurves(tmp_path, name="wild", plot=False), x=np.full_like(X, np.nan))
    assert recorded(tmp_path)["loss"] == ["nan"] * 3
    assert read_run(tmp_path).status == "failed"


def test_named_run_can_be_read_by_reports(tmp_path):
    clean = adding(lambda epoch: {"train_clean_accuracy": 0.75} if epoch == 2 else {})
    accuracies = adding(lambda epoch: {"val_accuracy": [0.25, 0.5, 0.5][epoch]})
    recorder = LearningCurves(tmp_path, name="wide", seed=4, plot=False)
    began = []
    seen = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: began.append(read_run(tmp_path).status)
    )
    model = compiled(metrics=["accuracy", "sparse_categorical_crossentropy"])
    history = fit(model, clean, accuracies, recorder, seen, validation_data=(X, Y)).history
    run = read_run(tmp_path)
    assert began == ["running"] * 3
    assert (run.name, run.seed, run.status, run.reason) == ("wide", 4, "done", None)
    assert run.details["format"] == 1
    assert run.details["backend"] == keras.backend.backend()
    assert run.details["precision"] == "float32"
    assert run.details["versions"]["keras"] == keras.__version__
    assert {"cpu", "cores", "memory_gb", "system", "accelerator"} <= set(run.details["machine"])
    assert run.details["seconds"] >= values(tmp_path, "seconds")[-1]
    cross_entropy = history["sparse_categorical_crossentropy"][-1]
    assert run.metrics | {"seconds": None} == {
        "params": 3 * 2 + 2,
        "epochs": 3,
        "seconds": None,
        "train_accuracy": 0.75,
        "train_cross_entropy": cross_entropy,
        "val_accuracy": 0.5,
        "val_cross_entropy": history["val_sparse_categorical_crossentropy"][-1],
        "best_val_accuracy": 0.5,
        "best_epoch": 2,
        "metrics": {name: measured[-1] for name, measured in history.items()},
    }


@pytest.mark.parametrize(
    ("curves", "epoch"),
    [
        ({"val_accuracy": [math.nan, 0.25, 0.5, math.inf]}, 3),
        ({"val_accuracy": [math.nan] * 4, "val_loss": [math.nan, 3.0, 2.0, -math.inf]}, 3),
    ],
    ids=["accuracy", "loss"],
)
def test_an_epoch_whose_figure_is_no_number_is_not_the_best(tmp_path, curves, epoch):
    logging = adding(lambda epoch: {name: values[epoch] for name, values in curves.items()})
    fit(compiled(), logging, LearningCurves(tmp_path, name="wild", plot=False), epochs=4)
    assert read_run(tmp_path).metrics["best_epoch"] == epoch


def test_second_fit_replaces_the_first(tmp_path):
    recorder = LearningCurves(tmp_path, name="twice", plot=False)
    model = compiled()
    fit(model, recorder, epochs=3)
    history = fit(model, recorder, epochs=2).history
    assert values(tmp_path, "loss") == history["loss"]
    assert recorded(tmp_path)["epoch"] == ["1", "2"]
    assert read_run(tmp_path).metrics["epochs"] == 2


def test_evaluate_and_predict_write_nothing(tmp_path):
    recorder = LearningCurves(tmp_path / "new", name="none")
    model = compiled()
    model.evaluate(X, Y, verbose=0, callbacks=[recorder])
    model.predict(X, verbose=0, callbacks=[recorder])
    assert not (tmp_path / "new").exists()


def test_interrupt_leaves_the_finished_epochs(tmp_path):
    class Interrupting(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            if self.epoch == 2 and batch == 1:
                raise KeyboardInterrupt

    recorder = LearningCurves(tmp_path, name="stopped", plot=False)
    with pytest.raises(KeyboardInterrupt):
        fit(compiled(), recorder, Interrupting(), epochs=5)
    assert recorded(tmp_path)["epoch"] == ["1", "2"]
    run = read_run(tmp_path)
    assert (run.status, run.details["epochs"]) == ("running", 5)
    assert names_in(tmp_path) == ["history.csv", "run.json"]


def test_stop_in_the_middle_of_an_epoch(tmp_path):
    class Stopping(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    history = fit(
        compiled(), LearningCurves(tmp_path, name="short", plot=False), Stopping()
    ).history
    assert values(tmp_path, "loss") == history["loss"]
    assert len(history["loss"]) == 1
    assert values(tmp_path, "step") == [2]
    assert read_run(tmp_path).metrics["epochs"] == 1


def test_generators(tmp_path):
    def batches(number):
        for _ in range(number):
            yield X[:4], Y[:4]

    endless = LearningCurves(tmp_path / "steps", plot=False)
    fit(compiled(), endless, x=batches(99), y=None, batch_size=None, steps_per_epoch=2)
    assert recorded(tmp_path / "steps")["epoch"] == ["1", "2", "3"]
    short = LearningCurves(tmp_path / "short", plot=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns that the generator ran out
        arguments = {"y": None, "batch_size": None, "steps_per_epoch": 2}
        history = fit(compiled(), short, x=batches(3), **arguments).history
    assert values(tmp_path / "short", "loss")[:2] == history["loss"][:2]
    assert len(recorded(tmp_path / "short")["epoch"]) == len(history["loss"])


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch has no such executions")
def test_steps_per_execution(tmp_path):
    model = compiled(eager=False, steps_per_execution=4)
    history = fit(model, LearningCurves(tmp_path, plot=False), batch_size=2, epochs=2).history
    assert values(tmp_path, "loss") == history["loss"]
    assert values(tmp_path, "step") == [6, 12]


def test_steps_are_batches_also_where_gradients_are_accumulated(tmp_path):
    optimizer = keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)
    recorder = LearningCurves(tmp_path, plot=False, batches=True)
    # Three batches an epoch leave the second update of the first epoch half done.
    fit(compiled(optimizer), recorder, batch_size=5, epochs=2)
    assert values(tmp_path, "step") == [3, 6]
    assert list(pd.read_csv(tmp_path / "batches.csv")["step"]) == [1, 2, 3, 4, 5, 6]


def test_rate_of_a_schedule_is_that_of_the_first_step_of_the_epoch(tmp_path):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=2, decay_rate=0.5)
    fit(compiled(keras.optimizers.SGD(schedule)), LearningCurves(tmp_path, plot=False))
    # 12 samples in batches of 6 are 2 steps per epoch.
    assert values(tmp_path, "learning_rate") == pytest.approx([0.5, 0.25, 0.125])


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    """Without a get_config, as a training needs none."""

    def __call__(self, step):
        return 0.5 / 2.0 ** (keras.ops.cast(step, "float32") // 2)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(Halving(), [0.5, 0.25, 0.125]), (functools.partial(float, 0.25), [0.25] * 3)],
    ids=["schedule", "function"],
)
def test_rates_that_cannot_be_saved_are_recorded(tmp_path, rate, expected):
    fit(compiled(keras.optimizers.SGD(rate)), LearningCurves(tmp_path, plot=False))
    assert values(tmp_path, "learning_rate") == pytest.approx(expected)


def test_a_rate_that_is_logged_as_a_variable_is_a_number_and_can_be_continued(tmp_path):
    model = compiled()
    logging = adding(lambda epoch: {"learning_rate": model.optimizer.learning_rate})
    fit(model, logging, LearningCurves(tmp_path, plot=False), epochs=2)
    fit(model, logging, LearningCurves(tmp_path, plot=False), epochs=3, initial_epoch=2)
    assert values(tmp_path, "learning_rate") == [0.125] * 3


def test_a_logged_rate_that_is_no_number_gives_way_to_the_optimizers(tmp_path):
    logging = adding(lambda epoch: {"learning_rate": "slow"})
    fit(compiled(), logging, LearningCurves(tmp_path, plot=False), epochs=1)
    assert values(tmp_path, "learning_rate") == [0.125]


@pytest.mark.parametrize("recorder_first", [True, False])
def test_rate_that_a_callback_reduces_is_that_of_its_own_epoch(tmp_path, recorder_first):
    reducing = keras.callbacks.ReduceLROnPlateau("worse", mode="min", factor=0.5, patience=1)
    worse = adding(lambda epoch: {"worse": float(epoch)})
    pair = [LearningCurves(tmp_path, plot=False), reducing]
    fit(compiled(), worse, *(pair if recorder_first else pair[::-1]), epochs=4)
    assert values(tmp_path, "learning_rate") == [0.125, 0.125, 0.0625, 0.03125]


def test_rate_of_the_optimizer_inside_a_loss_scale_optimizer(tmp_path):
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.25))
    fit(compiled(optimizer), LearningCurves(tmp_path, plot=False), epochs=1)
    assert values(tmp_path, "learning_rate") == [0.25]


def test_custom_train_step_with_its_own_optimizers(tmp_path):
    class ByHand(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(2)

        def call(self, x):
            return self.dense(x)

        def train_step(self, *arguments):
            return {"energy": keras.ops.convert_to_tensor(0.5)}

    model = ByHand()
    model.compile(run_eagerly=True, jit_compile=False)
    if keras.backend.backend() == "jax":
        pytest.skip("a JAX train_step returns its state as well")
    fit(model, LearningCurves(tmp_path, name="by hand", plot=False))
    assert values(tmp_path, "energy") == [0.5] * 3
    if keras.backend.backend() != "torch":  # it builds the compiled optimizer in any case
        assert values(tmp_path, "learning_rate") == [None] * 3
    assert "step" not in recorded(tmp_path)
    assert read_run(tmp_path).status == "done"


def test_rates_of_several_optimizers(tmp_path):
    class Two(keras.optimizers.SGD):
        """Of the form that Keras's own callbacks look for."""

        def build(self, variables):
            super().build(variables)
            self.optimizers = [keras.optimizers.SGD(r, name=f"of_{r}") for r in (0.5, 0.25)]
            for one in self.optimizers:
                one.build(variables)

    fit(compiled(Two(1.0)), LearningCurves(tmp_path, plot=False), epochs=1)
    assert values(tmp_path, "learning_rate_of_0.5") == [0.5]
    assert values(tmp_path, "learning_rate_of_0.25") == [0.25]
    assert values(tmp_path, "learning_rate") == [None]


def test_rates_of_optimizers_that_the_model_holds_as_a_gan_does(tmp_path):
    model = compiled()
    halves = keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    model.d_optimizer = keras.optimizers.SGD(0.25)
    model.g_optimizer = keras.optimizers.SGD(halves)
    model.unused_optimizer = keras.optimizers.SGD(0.75)
    for one in (model.d_optimizer, model.g_optimizer):
        one.build(model.trainable_variables)
    stepping = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: model.g_optimizer.iterations.assign_add(1)
    )
    fit(model, stepping, LearningCurves(tmp_path, plot=False), epochs=2)
    assert values(tmp_path, "learning_rate") == [0.125] * 2
    assert values(tmp_path, "learning_rate_d_optimizer") == [0.25] * 2
    # At the first of the two steps of each epoch.
    assert values(tmp_path, "learning_rate_g_optimizer") == [0.5, 0.125]
    assert "learning_rate_unused_optimizer" not in recorded(tmp_path)


def test_full_disk_warns_once_and_training_goes_on(tmp_path, monkeypatch):
    write_bytes = Path.write_bytes
    full = {"yes": False}

    def on_a_full_disk(path, data):
        if full["yes"]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", on_a_full_disk)
    fills = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs=None: full.update(yes=epoch in (1, 2))
    )
    with pytest.warns(UserWarning, match="No space left") as caught:
        history = fit(compiled(), fills, LearningCurves(tmp_path, name="full"), epochs=4).history
    assert len([one for one in caught if "LearningCurves" in str(one.message)]) == 1
    assert values(tmp_path, "loss") == history["loss"]
    assert read_run(tmp_path).status == "done"
    assert not list(tmp_path.glob(".*"))


def test_what_a_full_disk_kept_from_history_is_written_by_flush(tmp_path, monkeypatch):
    def on_a_full_disk(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    recorder, filling = LearningCurves(tmp_path, plot=False), (Path, "write_bytes", on_a_full_disk)
    fills = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: epoch == 1 and full.setattr(*filling)
    )
    with monkeypatch.context() as full, pytest.warns(UserWarning, match="No space left"):
        history = fit(compiled(), fills, recorder, epochs=2).history
        assert recorder.flush().errno == errno.ENOSPC
    assert values(tmp_path, "loss") == history["loss"][:1]
    assert recorder.flush() is None
    assert values(tmp_path, "loss") == history["loss"]


def test_folder_that_cannot_be_written_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("in the way")
    model = compiled()
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"cannot write.*Received: folder='.*file/run'$"):
        fit(model, LearningCurves(tmp_path / "file" / "run"))
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_two_fits_that_begin_at_once_may_share_a_folder(tmp_path, monkeypatch):
    def and_the_other_fit_clears_up(path, text):
        write_text(path, text)
        path.unlink()

    monkeypatch.setattr(writable_folder, "write_text", and_the_other_fit_clears_up)
    fit(compiled(), LearningCurves(tmp_path, plot=False), epochs=1)
    assert names_in(tmp_path) == ["history.csv"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ValueError, match="cannot write"):
            fit(compiled(), LearningCurves(tmp_path))
    finally:
        tmp_path.chmod(0o700)


def test_read_only_file_system_is_refused(tmp_path, monkeypatch):
    def refuse(path, data):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(ValueError, match="Read-only file system"):
        fit(compiled(), LearningCurves(tmp_path))


def test_logs_may_be_none(tmp_path):
    recorder = LearningCurves(tmp_path, name="none")
    recorder.set_model(compiled())
    recorder.on_train_begin()
    recorder.on_epoch_begin(0)
    recorder.on_epoch_end(0)
    recorder.on_train_end()
    assert recorded(tmp_path)["epoch"] == ["1"]
    assert "val_accuracy" not in json.loads((tmp_path / "metrics.json").read_text())


def test_after_a_fit_it_can_be_copied_and_kept_in_a_file(tmp_path):
    recorder = LearningCurves(tmp_path, plot=False, batches=True)
    fit(compiled(), recorder, epochs=1)
    for copied in (copy.deepcopy(recorder), pickle.loads(pickle.dumps(recorder))):
        assert copied.state_dict()["rows"] == recorder.state_dict()["rows"]
        fit(compiled(), copied, epochs=2)
        assert recorded(tmp_path)["epoch"] == ["1", "2"]


def test_rows_wait_until_they_are_due_and_none_is_lost(tmp_path):
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: seen.append(len(recorded(tmp_path)["epoch"]))
    )
    recorder = LearningCurves(tmp_path, plot=False, write_seconds=1e6)
    fit(compiled(), recorder, look)
    assert seen == [1, 1, 1]
    assert recorded(tmp_path)["epoch"] == ["1", "2", "3"]

    def stop(epoch):
        if epoch == 2:
            raise RuntimeError("enough")
        return {}

    with pytest.raises(RuntimeError, match="enough"):
        fit(compiled(), recorder, adding(stop))
    assert recorded(tmp_path)["epoch"] == ["1"]
    recorder.flush()
    assert recorded(tmp_path)["epoch"] == ["1", "2", "3"]
