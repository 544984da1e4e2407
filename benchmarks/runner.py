"""The runner's side of the benchmarks: runs trained as `trickbook run` trains them, and timed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import keras
import numpy as np

from trickbook.callbacks import CleanEvaluation
from trickbook.data import Dataset, from_arrays
from trickbook.recipes import Blueprint
from trickbook.training.job import Job
from trickbook.training.trained_model import TrainedModel
from trickbook.training.trainer import Trainer


def noise_images(count: int) -> Dataset:
    """Random images of CIFAR-10's shape: speed does not depend on what they show."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)
    return from_arrays(images, np.arange(count) % 10)


class Runner:
    """Our runner's side."""

    def __init__(self, data: Dataset, blueprint: Blueprint, precision: str | None = None) -> None:
        self._trainer, self._blueprint = Trainer(data, precision), blueprint

    def block(self) -> tuple[float, float]:
        """Trains a run; returns the training seconds of its median epoch and evaluation's share."""
        clock, ends, evaluated = Stopwatch(), [], []

        def on_epoch(epoch: int, logs: dict[str, float]) -> None:
            ends.append(time.perf_counter())
            evaluated.append(clock.seconds)

        with (
            tempfile.TemporaryDirectory() as folder,
            patch.object(TrainedModel, "evaluate", clock.timed(TrainedModel.evaluate)),
            patch.object(
                CleanEvaluation, "on_epoch_end", clock.timed(CleanEvaluation.on_epoch_end)
            ),
        ):
            job = Job("speed", "0" * 64, self._blueprint, 0, Path(folder), "", False)
            self._trainer.train(job, on_epoch)
        # The differences leave out the first epoch, which builds iterators and graphs.
        training = np.diff(ends) - np.diff(evaluated)
        return float(np.median(training)), (evaluated[-1] - evaluated[0]) / (ends[-1] - ends[0])


def settle() -> None:
    """Waits for training steps that JAX has only queued, so as not to count them as evaluation."""
    if keras.backend.backend() == "jax":
        import jax

        jax.block_until_ready(jax.live_arrays())


class Stopwatch:
    """Adds up the time spent in functions."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Returns the function, timed."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            settle()
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - began

        return timed
