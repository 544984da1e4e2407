"""A training program that can be killed.

It trains a small model with dropout and batch normalisation, with callbacks that remember, and
dies at the end of an epoch, or halfway through the second save, as a killed process would.
"""

import os

import keras
import numpy as np

import trickbook.callbacks
from trickbook.callbacks.state import state_file


class Kill(keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            os._exit(9)


def die_in_second_save():
    whole, saves = np.savez, []

    def savez(file, **arrays):
        saves.append(None)
        if len(saves) == 2:
            file.write(b"half a file")
            file.flush()
            os._exit(9)
        whole(file, **arrays)

    state_file.np.savez = savez


def main(folder, kill=None):
    """Train, and die at the end of the epoch `kill`, counted from 0, or amid a "save"."""
    keras.utils.set_random_seed(7)
    images = np.random.default_rng(0).normal(size=(96, 6)).astype("float32")
    labels = (images[:, 0] * images[:, 1] > 0).astype("int32")
    model = keras.Sequential(
        [
            keras.layers.Input((6,)),
            keras.layers.Dense(16),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(2),
        ]
    )
    model.compile(
        keras.optimizers.AdamW(0.05, use_ema=True, ema_momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    callbacks = [
        trickbook.callbacks.ExactResume(folder / "backup"),
        keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=0.02),
        keras.callbacks.EarlyStopping("val_accuracy", patience=4, restore_best_weights=True),
        trickbook.callbacks.LearningCurves(folder / "run", plot=False),
    ]
    if kill == "save":
        die_in_second_save()
    elif kill is not None:
        callbacks.append(Kill(kill))
    history = model.fit(
        images,
        labels,
        validation_split=0.25,
        epochs=6,
        batch_size=16,
        callbacks=callbacks,
        verbose=0,
    )
    np.savez(folder / "weights.npz", *model.get_weights())
    np.savez(folder / "history.npz", **history.history)
