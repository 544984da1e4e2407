"""LearningCurves(batches=True): a row per batch."""

import csv
import errno
import types

import keras
import numpy as np
import pytest
from small_fits import (
    X,
    Y,
    batch_rows,
    batch_values,
    compiled,
    fit,
    names_in,
    recording_batches,
)

from trickbook.callbacks import LearningCurves
from trickbook.callbacks.recording import batch_log
from trickbook.callbacks.recording.batch_log import BatchLog


def test_rows_hold_what_keras_logs(tmp_path):
    seen = []
    watching = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(dict(logs))
    )
    fit(compiled(), recording_batches(tmp_path), watching, batch_size=5, epochs=2)
    first = ["step", "epoch", "learning_rate", "batch_loss"]
    assert list(batch_rows(tmp_path)[0]) == [*first, "accuracy", "loss"]
    assert batch_values(tmp_path, "step") == [1, 2, 3, 4, 5, 6]
    assert batch_values(tmp_path, "epoch") == [1, 1, 1, 2, 2, 2]
    for name in ("loss", "accuracy"):
        assert batch_values(tmp_path, name) == [logs[name] for logs in seen]


def test_a_callback_that_is_not_in_a_list_records_every_batch_in_order(tmp_path):
    # Keras on JAX calls its hooks from several threads.
    x, y = np.repeat(X, 10, axis=0), np.repeat(Y, 10)
    compiled().fit(x, y, batch_size=2, epochs=2, verbose=0, callbacks=recording_batches(tmp_path))
    assert batch_values(tmp_path, "step") == list(range(1, 121))


def test_batch_loss_is_that_of_the_batch_alone(tmp_path):
    model = compiled(keras.optimizers.SGD(0.0))
    fit(model, recording_batches(tmp_path), batch_size=3, epochs=2, shuffle=False)
    chances = model.predict(X, verbose=0)[np.arange(12), Y]
    expected = -np.log(chances).reshape(4, 3).mean(axis=1)
    assert batch_values(tmp_path, "batch_loss") == pytest.approx([*expected, *expected], rel=1e-5)


def test_batch_loss_of_a_smaller_last_batch_counts_by_its_samples(tmp_path):
    model = compiled(keras.optimizers.SGD(0.0))
    fit(model, recording_batches(tmp_path), batch_size=5, epochs=2, shuffle=False)
    losses = -np.log(model.predict(X, verbose=0)[np.arange(12), Y])
    expected = [losses[:5].mean(), losses[5:10].mean(), losses[10:].mean()]
    assert batch_values(tmp_path, "batch_loss") == pytest.approx([*expected, *expected], rel=1e-4)


class OfSizes(keras.utils.PyDataset):
    """Batches of these sizes, which together have all samples."""

    def __init__(self, *sizes):
        super().__init__()
        ends = np.cumsum(sizes)
        self.parts = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]

    def __len__(self):
        return len(self.parts)

    def __getitem__(self, place):
        return X[self.parts[place]], Y[self.parts[place]]


@pytest.mark.parametrize("sizes", [(6, 3, 3), (2, 6, 4), (1, 4, 7), (12,)], ids=str)
def test_batch_loss_is_right_whichever_batch_is_the_short_one(tmp_path, sizes):
    model, batches = compiled(keras.optimizers.SGD(0.0)), OfSizes(*sizes)
    settings = {"x": batches, "y": None, "batch_size": None, "shuffle": False}
    fit(model, recording_batches(tmp_path), epochs=2, **settings)
    losses = -np.log(model.predict(X, verbose=0)[np.arange(12), Y])
    expected = [losses[part].mean() for part in batches.parts]
    assert batch_values(tmp_path, "batch_loss") == pytest.approx([*expected, *expected], rel=1e-4)


def test_batch_loss_is_blank_where_nothing_tells_how_many_samples_it_is_of(tmp_path):
    log = BatchLog(tmp_path / "batches.csv", epochs=0, own_loss=True)
    log.begin_epoch(1)
    for number, (loss, samples) in enumerate([(4.0, 2), (3.0, 4), (3.0, 4), (2.0, None), (2.0, 9)]):
        log.add(number + 1, {"loss": loss}, samples)
    log.flush()
    found = [row["batch_loss"] for row in batch_rows(tmp_path)]
    assert found == ["4.0", "2.0", "", "", ""]


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch has no such executions")
def test_steps_per_execution_is_a_row_per_execution(tmp_path):
    model = compiled(keras.optimizers.SGD(0.0), eager=False, steps_per_execution=4)
    x, y = np.repeat(X, 5, axis=0)[:20], np.repeat(Y, 5)[:20]
    arguments = {"x": x, "y": y, "batch_size": 2, "shuffle": False}
    fit(model, recording_batches(tmp_path), epochs=2, **arguments)
    assert batch_values(tmp_path, "step") == [4, 8, 10, 14, 18, 20]
    losses = -np.log(model.predict(x, verbose=0)[np.arange(20), y])
    expected = [losses[part].mean() for part in (slice(8), slice(8, 16), slice(16, 20))]
    assert batch_values(tmp_path, "batch_loss") == pytest.approx([*expected, *expected], rel=1e-5)


def test_keras_sees_the_hook_only_where_it_was_asked_for(tmp_path):
    # That mark is how Keras knows that no callback waits for the batches.
    assert LearningCurves(tmp_path).on_train_batch_end._is_default
    assert not hasattr(recording_batches(tmp_path).on_train_batch_end, "_is_default")
    fit(compiled(), LearningCurves(tmp_path, plot=False), epochs=1)
    assert names_in(tmp_path) == ["history.csv"]


@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="a JAX train_step returns its state as well"
)
def test_of_a_custom_train_step_nothing_is_assumed(tmp_path):
    class Raw(keras.Model):
        def train_step(self, data):
            return {"loss": keras.ops.convert_to_tensor(0.5)}

    inputs = keras.Input((3,))
    model = Raw(inputs, keras.layers.Dense(1)(inputs))
    model.compile(run_eagerly=True)
    fit(model, recording_batches(tmp_path), epochs=1)
    # PyTorch's trainer builds the optimizer all the same, which then has a rate.
    columns = [name for name in batch_rows(tmp_path)[0] if name != "learning_rate"]
    assert columns == ["step", "epoch", "loss"]


def test_interrupted_epoch_keeps_its_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(batch_log, "SECONDS_BETWEEN_WRITES", 0.0)
    monkeypatch.setattr(batch_log, "WRITING_SHARE", 1e9)

    class Interrupting(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(compiled(), recording_batches(tmp_path), Interrupting(), batch_size=3)
    assert batch_values(tmp_path, "step") == [1, 2]


def test_second_fit_begins_anew_and_a_later_one_continues(tmp_path):
    model, recorder = compiled(), recording_batches(tmp_path)
    fit(model, recorder, epochs=3)
    fit(model, recorder, epochs=2)
    assert batch_values(tmp_path, "step") == [1, 2, 3, 4]
    with (tmp_path / "batches.csv").open("a") as file:
        file.write("5,3,0.2")  # as a kill leaves it
    fit(model, recorder, epochs=3, initial_epoch=1)
    assert batch_values(tmp_path, "step") == [1, 2, 3, 4, 5, 6]
    assert batch_values(tmp_path, "epoch") == [1, 1, 2, 2, 3, 3]


def test_full_disk_loses_no_row(tmp_path, monkeypatch):
    append, full = BatchLog._append, [True]

    def on_a_full_disk(self, lines):
        if full:
            full.pop()
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, lines)

    monkeypatch.setattr(BatchLog, "_append", on_a_full_disk)
    with pytest.warns(UserWarning, match="No space left"):
        fit(compiled(), recording_batches(tmp_path), epochs=2)
    assert batch_values(tmp_path, "step") == [1, 2, 3, 4]
    assert batch_values(tmp_path, "epoch") == [1, 1, 2, 2]


def test_late_and_odd_names(tmp_path):
    path = tmp_path / "batches.csv"
    log = BatchLog(path, epochs=0, own_loss=False)
    log.begin_epoch(1)
    log.add(1, {"a": 1.5, "step": 7.0})
    log.flush()
    log.add(2, {"a": float("nan"), 'x,"y"\n<b>': float("inf"), "head": {"f1": 0.25}})
    log.flush()
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["step", "epoch", "a", "logs/step", 'x,"y"\n<b>', "head/f1"],
            ["1", "1", "1.5", "7.0", "", ""],
            ["2", "1", "nan", "", "inf", "0.25"],
        ]


@pytest.mark.parametrize("seconds_per_write", [0.001, 0.5])
def test_writes_are_spaced(tmp_path, monkeypatch, seconds_per_write):
    clock, writes = {"now": 0.0}, []

    def slow_append(self, lines):
        clock["now"] += seconds_per_write
        writes.append(len(list(lines)))

    monkeypatch.setattr(BatchLog, "_append", slow_append)
    fake_time = types.SimpleNamespace(perf_counter=lambda: clock["now"])
    monkeypatch.setattr(batch_log, "time", fake_time)
    log = BatchLog(tmp_path / "batches.csv", epochs=0, own_loss=True)
    log.begin_epoch(1)
    for number in range(1, 100_001):
        clock["now"] += 0.01
        log.add(number, {"loss": 1.0})
    log.flush()
    assert sum(writes) == 100_000
    assert sum(writes[:-1]) * 0.01 > 1000 - 1 - 200 * seconds_per_write  # few are kept back
    assert len(writes) * seconds_per_write <= 0.01 * clock["now"]
