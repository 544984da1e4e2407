"""Epoch time of a training with each callback relative to none, for a network of 50 ms steps.

    python benchmarks/callbacks.py [NAME ...]

Fits of a few epochs, with and without each callback, take turns on the same compiled model. An
epoch is timed from its first callback to the first one of the next epoch. The first epoch of
each fit is left out, because it includes the start of the fit. The ratio is the median over the
turns. An empty callback shows how large the machine's noise is. The time that Keras spends in the
callback's own methods is printed too; noise disturbs it less. CleanEvaluation evaluates, so its
cost is that of as many forward passes: it is shown by `every` and `max_samples`. With names, only
the lines that begin with one of them are measured. KERAS_BACKEND chooses the backend.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import itertools
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from trickbook.callbacks import (
    LSUV,
    CleanEvaluation,
    ComparisonReport,
    CyclicalLearningRate,
    Diagnosis,
    ExactResume,
    LearningCurves,
    LearningRateFinder,
    OneCycle,
)

STEP_SECONDS = 0.05
STEPS, EPOCHS, TURNS = 10, 5, 6

Callbacks = Sequence[keras.callbacks.Callback]


def main(names: tuple[str, ...]) -> None:
    """Prints a line per callback."""
    warnings.simplefilter("ignore")
    keras.utils.set_random_seed(0)
    model = make_model()
    bench = Bench(model, batch_size(model))
    print(
        f"{keras.backend.backend()}, {bench.batch} images a batch, {STEPS} steps an epoch; "
        f"each figure from {TURNS} fits with and as many without",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, make in cases(bench, Path(folder)).items():
            if name.startswith(names or ""):
                bench.compare(name, make)
        if "LearningCurves".startswith(names or ""):
            bench.draw_for(Path(folder) / "long", seconds=200)


def cases(bench: Bench, folder: Path) -> dict[str, Callable[[], Callbacks]]:
    """The callbacks that are compared with none at all, by name."""
    x, y = bench.x, bench.y
    steps = 2 * STEPS * EPOCHS  # a range test that came to its end would end the training

    def clean(every: int, samples: int) -> Callable[[], Callbacks]:
        return lambda: [CleanEvaluation(x, y, every=every, max_samples=samples)]

    def together() -> Callbacks:
        return [
            LSUV(x[:32]),
            OneCycle(0.001),
            Diagnosis(verbose=0),
            LearningCurves(folder / "all" / "run", name="all", batches=True),
            ComparisonReport(folder / "all"),
            ExactResume(folder / "all-resume"),
        ]

    return {
        "an empty callback": lambda: [keras.callbacks.Callback()],
        "LearningCurves": lambda: [LearningCurves(folder / "curves")],
        "LearningCurves, with rows per batch": lambda: [
            LearningCurves(folder / "batches", batches=True)
        ],
        "LearningRateFinder": lambda: [LearningRateFinder(1e-6, 1e-3, num_steps=steps)],
        "CyclicalLearningRate": lambda: [CyclicalLearningRate(1e-4, 1e-3, step_size=20)],
        "OneCycle": lambda: [OneCycle(0.001)],
        "Diagnosis": lambda: [Diagnosis(verbose=0)],
        "ExactResume": lambda: [ExactResume(folder / "resume")],
        "LSUV": lambda: [LSUV(x[:32])],
        "ComparisonReport": lambda: [ComparisonReport(folder / "runs")],
        "all of them but CleanEvaluation": together,
        "CleanEvaluation, every=1, max_samples=64": clean(1, 64),
        "CleanEvaluation, every=1, max_samples=256": clean(1, 256),
        "CleanEvaluation, every=5, max_samples=256": clean(5, 256),
    }


class Bench:
    """One compiled model, its data, and the times of its epochs."""

    def __init__(self, model: keras.Model, batch: int) -> None:
        self.model, self.batch = model, batch
        self.x, self.y = random_images(STEPS * batch)

    def compare(self, name: str, make: Callable[[], Callbacks]) -> None:
        """Print what the callbacks cost, from fits with and without them that take turns."""
        mine, none, inside = [], [], 0.0
        for turn in range(TURNS):
            callbacks = make()
            spent = time_methods(callbacks)
            # The sides alternate in going first, so that a busy neighbour disturbs both as often.
            for part in ((callbacks, []), ([], callbacks))[turn % 2]:
                (mine if part else none).append(statistics.median(self.fit(part)))
            inside += sum(spent)
        own = inside / (TURNS * (EPOCHS + 1))
        epoch = statistics.median(none)
        ratio = statistics.median(one / other for one, other in zip(mine, none, strict=True))
        print(
            f"{name}: epoch {statistics.median(mine):.3f} s, without {epoch:.3f} s, of which in "
            f"its methods {own * 1e3:.1f} ms ({own / epoch:.1%}), ratio {ratio:.3f}",
            flush=True,
        )

    def draw_for(self, folder: Path, seconds: float) -> None:
        """Print what LearningCurves costs in a training that is long enough for it to draw."""
        epochs = round(seconds / (STEPS * STEP_SECONDS))
        callback = LearningCurves(folder)
        spent = time_methods([callback])
        times = self.fit([callback], epochs)
        print(
            f"LearningCurves in a fit of {sum(times):.0f} s, drawings included: in its methods "
            f"{sum(spent):.2f} s, ratio {sum(times) / (sum(times) - sum(spent)):.3f}",
            flush=True,
        )

    def fit(self, callbacks: Callbacks, epochs: int = EPOCHS) -> list[float]:
        """Train, and return the seconds of each epoch but the first."""
        marks: list[float] = []
        clock = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: marks.append(time.perf_counter())
        )
        self.model.fit(
            self.x,
            self.y,
            validation_data=(self.x[: self.batch], self.y[: self.batch]),
            batch_size=self.batch,
            epochs=epochs + 1,
            callbacks=[clock, *callbacks],
            shuffle=False,
            verbose=0,
        )
        return [later - earlier for earlier, later in itertools.pairwise(marks[1:])]


def time_methods(callbacks: Callbacks) -> list[float]:
    """Make the callbacks record the seconds of each call that Keras makes while epochs run."""
    spent: list[float] = []
    for callback in callbacks:
        for moment in ("epoch_begin", "epoch_end", "train_batch_begin", "train_batch_end"):
            method = getattr(callback, f"on_{moment}")
            # Keras recognises its own empty methods, which cost nothing; timing them would.
            if method.__func__ is not getattr(keras.callbacks.Callback, f"on_{moment}"):
                setattr(callback, f"on_{moment}", timed(method, spent))
        if isinstance(callback, ExactResume):  # it saves when all others have had their turn
            callback._save = timed(callback._save, spent)
    return spent


def timed(method: Callable[..., None], spent: list[float]) -> Callable[..., None]:
    """Returns `method`, recording its seconds."""

    def call(*arguments: object, **named: object) -> None:
        began = time.perf_counter()
        method(*arguments, **named)
        spent.append(time.perf_counter() - began)

    return call


def make_model() -> keras.Model:
    """A small network of convolutions for 32x32 images."""
    layers = [keras.layers.Input((32, 32, 3))]
    for filters in (16, 32, 64):
        layers += [
            keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(),
        ]
    layers += [keras.layers.Flatten(), keras.layers.Dropout(0.3), keras.layers.Dense(10)]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def batch_size(model: keras.Model) -> int:
    """How many images make a step of about 50 ms here."""
    batch = 64
    for _ in range(2):
        x, y = random_images(batch)
        times = []
        for _ in range(8):
            began = time.perf_counter()
            model.train_on_batch(x, y)
            times.append(time.perf_counter() - began)
        batch = max(8, round(batch * STEP_SECONDS / statistics.median(times[2:])))
    return batch


def random_images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of CIFAR-10's shape: speed does not depend on what they show."""
    generator = np.random.default_rng(0)
    images = generator.normal(size=(count, 32, 32, 3)).astype("float32")
    return images, generator.integers(0, 10, count)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
