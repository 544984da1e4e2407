"""Makes the pictures of the callbacks, each with the code that README.md shows beside it.

    python reports/gallery/callback_examples.py

Each function is one example: its body is what README.md shows, and writes `out/<its name>.png`.
The data are scikit-learn's 8x8 digits, 400 of them for training.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from trickbook.callbacks import (
    LSUV,
    CleanEvaluation,
    ComparisonReport,
    CyclicalSchedule,
    Diagnosis,
    ExactResume,
    LayerSignals,
    LearningCurves,
    LearningRateFinder,
    OneCycle,
    OneCycleSchedule,
    plot_history,
)

PICTURES = Path(__file__).with_name("callbacks")

Arrays = tuple[np.ndarray, np.ndarray]


def learning_curves(model: keras.Model, x: Any, y: Any, validation: Arrays) -> None:
    """History and picture, rewritten as it trains; per batch too, and smoothed over the raw."""
    recorder = LearningCurves("out/learning_curves", batches=True, smooth=0.6)
    model.fit(x, y, validation_data=validation, epochs=40, callbacks=[recorder])
    # out/learning_curves: history.csv, batches.csv, curves.png, curves.svg


def clean_evaluation(model: keras.Model, x: Any, y: Any, validation: Arrays) -> None:
    """Accuracy and cross-entropy without dropout and augmentation: the true gap."""
    clean = CleanEvaluation(x, y, every=4, max_samples=2000)
    history = model.fit(x, y, validation_data=validation, epochs=40, callbacks=[clean])
    plot_history(history, metric="accuracy").savefig("out/clean_evaluation.png")


def comparison(model: keras.Model, x: Any, y: Any, validation: Arrays) -> None:
    """Several trainings in one figure; with ComparisonReport a page, rewritten after each fit."""
    for name, rate in (("slow", 1e-4), ("middle", 1e-3), ("fast", 1e-1)):
        model = make_model(rate)
        recorder = LearningCurves(f"out/runs/{name}", name=name)
        callbacks = [recorder, ComparisonReport("out/runs")]
        model.fit(x, y, validation_data=validation, epochs=40, callbacks=callbacks)
    plot_history("out/runs").savefig("out/comparison.png")  # or: trickbook plot out/runs


def learning_rate_finder(model: keras.Model, x: Any, y: Any, validation: Arrays) -> None:
    """Trains at rates from tiny to huge, suggests one, and leaves the model as it was."""
    finder = LearningRateFinder()
    finder.find(model, x, y, batch_size=32)
    finder.plot().savefig("out/learning_rate_finder.png")
    print(finder.suggestion())  # None where the loss shows none


def rate_schedules(model: keras.Model, x: Any, y: Any, validation: Arrays) -> None:
    """Per batch, as callbacks or as Keras schedules of the same formulas."""
    model.fit(x, y, epochs=10, callbacks=[OneCycle(max_rate=0.01)])
    cycle = OneCycleSchedule(max_rate=0.01, total_steps=400)
    waves = CyclicalSchedule(0.001, 0.008, step_size=50, mode="triangular2")
    figure, axes = plt.subplots(figsize=(6, 3))
    for name, schedule in (("OneCycle", cycle), ("CyclicalLearningRate", waves)):
        axes.plot([float(schedule(step)) for step in range(400)], label=name)
    axes.set(xlabel="step", ylabel="learning rate")
    axes.legend()
    figure.savefig("out/rate_schedules.png", bbox_inches="tight")


def diagnosis(model: keras.Model, x: Any, y: Any, validation: Arrays) -> None:
    """Reads the curves when a fit ends, and says what to try next."""
    reader = Diagnosis(validation_samples=len(validation[0]))
    history = model.fit(x, y, validation_data=validation, epochs=150, callbacks=[reader])
    title = str(reader.findings[0])  # which has .kind, .epoch, .numbers and .advice
    plot_history(history, title=title).savefig("out/diagnosis.png")


def exact_resume(model: keras.Model, x: Any, y: Any, validation: Arrays) -> None:
    """A killed training, started again, ends with the same weights and the same history."""
    recorder, saved = LearningCurves("out/exact_resume"), ExactResume("out/saved")
    callbacks = [keras.callbacks.ReduceLROnPlateau(patience=3), recorder, saved]
    model.fit(x, y, validation_data=validation, epochs=40, callbacks=callbacks)


def lsuv(model: keras.Model, x: Any, y: Any, validation: Arrays) -> None:
    """Weights with which every layer's output has variance 1, before the first batch."""
    model, init = make_model(depth=12), LSUV(x, seed=0)
    model.fit(x, y, validation_data=validation, epochs=1, callbacks=[init])
    figure, axes = plt.subplots(figsize=(6, 3))
    axes.plot([layer.variance_before for layer in init.layers], "o-", label="orthonormal kernel")
    axes.plot([layer.variance_after for layer in init.layers], "o-", label="after LSUV")
    axes.set(xlabel="layer", ylabel="variance of its output", yscale="log")
    axes.legend()
    figure.savefig("out/lsuv.png", bbox_inches="tight")


def layer_signals(model: keras.Model, x: Any, y: Any, validation: Arrays) -> None:
    """What each layer hands on, and the gradient that comes back, as a deep network trains."""
    model, signals = make_model(depth=12), LayerSignals(x, y, folder="out/signals", every=5)
    model.fit(x, y, validation_data=validation, epochs=20, callbacks=[signals])
    signals.plot().savefig("out/layer_signals.png")  # and in out/signals, with signals.csv


def main() -> None:
    """Runs every example, and keeps its picture."""
    x, y, validation = digits()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for example in (
            learning_curves,
            clean_evaluation,
            comparison,
            learning_rate_finder,
            rate_schedules,
            diagnosis,
            lsuv,
            layer_signals,
        ):
            keras.utils.set_random_seed(0)
            example(make_model(), x, y, validation)
            print(example.__name__)
        shutil.copyfile("out/learning_curves/curves.png", "out/learning_curves.png")
        kill_and_resume(x, y, validation)
        PICTURES.mkdir(exist_ok=True)
        for picture in Path("out").glob("*.png"):
            shutil.copyfile(picture, PICTURES / picture.name)


def make_model(rate: float = 1e-3, depth: int = 1) -> keras.Model:
    """A network that over-fits a little."""
    hidden = [keras.layers.Dense(64, activation="relu") for _ in range(depth)]
    layers = [*hidden, keras.layers.Dropout(0.5), keras.layers.Dense(10)]
    model = keras.Sequential([keras.layers.Input((64,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def digits() -> tuple[np.ndarray, np.ndarray, Arrays]:
    """Training inputs and labels, and a pair for validation."""
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32")
    return x[:400], y[:400], (x[400:800], y[400:800])


class KilledError(Exception):
    """What stands for a kill."""


def kill_and_resume(x: np.ndarray, y: np.ndarray, validation: Arrays) -> None:
    """Draws a training that was killed in epoch 18 over one that never was."""
    for kill in (None, 18, None):
        keras.utils.set_random_seed(0)
        model = make_model()
        with contextlib.suppress(KilledError):
            exact_resume(model if kill is None else Killed(model, kill), x, y, validation)
        if not Path("out/never_killed").exists():
            shutil.copytree("out/exact_resume", "out/never_killed")
    runs = {"never killed": "out/never_killed", "killed in epoch 18": "out/exact_resume"}
    figure = plot_history(runs, metric="accuracy", title="two trainings, one line on the other")
    figure.savefig("out/exact_resume.png")


class Killed:
    """A model whose training is killed in an epoch, counted from 1."""

    def __init__(self, model: keras.Model, epoch: int) -> None:
        self.model, self.epoch = model, epoch

    def fit(self, *arguments: Any, callbacks: list[Any], **named: Any) -> None:
        """Trains until the kill."""

        def kill(epoch: int, logs: Any) -> None:
            if epoch + 1 == self.epoch:
                raise KilledError

        killer = keras.callbacks.LambdaCallback(on_epoch_end=kill)
        self.model.fit(*arguments, callbacks=[*callbacks, killer], **named)


if __name__ == "__main__":
    main()
