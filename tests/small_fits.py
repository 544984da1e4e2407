"""A model so small that its fits take no time, and a look at what they left in a folder."""

import csv
from pathlib import Path

import keras
import numpy as np

from trickbook.callbacks import LearningCurves

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3)).astype("float32")
Y = RNG.integers(0, 2, 12)


def compiled(optimizer=None, metrics=("accuracy",), eager=True, **kwargs):
    """A tiny classifier; eager, since tracing would take longer than its training."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    model.compile(
        optimizer or keras.optimizers.SGD(0.125),
        "sparse_categorical_crossentropy",
        metrics=list(metrics),
        run_eagerly=eager,
        **kwargs,
    )
    return model


def fit(model, *callbacks, epochs=3, **kwargs):
    kwargs = {"x": X, "y": Y, "batch_size": 6, "verbose": 0} | kwargs
    return model.fit(epochs=epochs, callbacks=list(callbacks), **kwargs)


def recorded(folder):
    """The cells of history.csv by column, as text."""
    with (Path(folder) / "history.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}


def values(folder, column):
    return [float(cell) if cell else None for cell in recorded(folder)[column]]


def recording_batches(folder):
    return LearningCurves(folder, plot=False, batches=True)


def batch_rows(folder):
    with (Path(folder) / "batches.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def batch_values(folder, column):
    return [float(row[column]) for row in batch_rows(folder)]


def names_in(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def adding(per_epoch):
    """A callback that puts what `per_epoch(epoch)` gives into the logs."""
    return keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update(per_epoch(epoch))
    )
