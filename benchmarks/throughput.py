"""Images per second of a rung's training under our runner against a bare tf.function loop.

    python benchmarks/throughput.py

The runner's side is `Trainer`, as `trickbook run` uses it: model.fit on our input pipeline with its
callbacks; evaluation is left out of its time, and its share is told. The bare side is one
tf.function per epoch over the same network and scaled images: shuffle, gather, gradient, Adam,
running sums of loss and accuracy, and nothing else. Both run on one thread of one core, in blocks
of epochs that take turns. A block's figure is its median epoch (on a shared machine a mean is that
of its neighbours); each line gives medians over the blocks and ends in the median ratio.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if hasattr(os, "sched_setaffinity"):
    # One core, as each of several workers has: the pipeline's thread must not get one for free.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import keras
import numpy as np
import tensorflow as tf

from trickbook.callbacks import CleanEvaluation
from trickbook.data import Dataset, DataSpec, from_arrays, load
from trickbook.ladder.build import build_model
from trickbook.ladder.job import Job
from trickbook.ladder.ladder_file import read_ladder
from trickbook.ladder.threads import limit_tensorflow
from trickbook.ladder.trainer import Trainer
from trickbook.recipes import BatchNorm, Blueprint, compose

BLOCKS = 9


def main() -> None:
    """Prints a line per network."""
    limit_tensorflow()
    digits = load(DataSpec("digits", limit_train=200))
    small = replace(read_ladder("digits").baseline, epochs=20)
    compare("digits 8x8, width 16", digits, small)
    compare("digits 8x8, width 16, batch norm", digits, compose(small, [BatchNorm()]))
    wide = Blueprint(filters=(16, 32, 64), dense=(128,), epochs=4, batch_size=64)
    compare("32x32, width 16, batch norm", noise_images(), compose(wide, [BatchNorm()]))


def noise_images() -> Dataset:
    """Random images of CIFAR-10's shape: speed does not depend on what they show."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (1280, 32, 32, 3)).astype(np.uint8)
    return from_arrays(images, np.arange(len(images)) % 10)


def compare(name: str, data: Dataset, blueprint: Blueprint) -> None:
    """Times both sides in turns and prints their medians."""
    runner, bare = Runner(data, blueprint), Bare(data, blueprint)
    runner.block(), bare.block()  # traces
    ours, shares, limits = [], [], []
    for _ in range(BLOCKS):
        seconds, share = runner.block()
        ours.append(seconds)
        shares.append(share)
        limits.append(bare.block())
    images = len(data.x_train) // blueprint.batch_size * blueprint.batch_size
    ratio = statistics.median(limit / mine for limit, mine in zip(limits, ours, strict=True))
    print(
        f"{name}: runner {images / statistics.median(ours):.0f} images/s, bare loop "
        f"{images / statistics.median(limits):.0f} images/s, evaluation "
        f"{statistics.median(shares):.0%} of a run's epochs, ratio {ratio:.3f}",
        flush=True,
    )


class Runner:
    """Our runner's side."""

    def __init__(self, data: Dataset, blueprint: Blueprint) -> None:
        self._trainer, self._blueprint = Trainer(data), blueprint

    def block(self) -> tuple[float, float]:
        """Trains a run; returns its median epoch's training seconds and evaluation's share."""
        clock, ends, evaluated = Stopwatch(), [], []

        def on_epoch(epoch: int, logs: dict[str, float]) -> None:
            ends.append(time.perf_counter())
            evaluated.append(clock.seconds)

        with (
            tempfile.TemporaryDirectory() as folder,
            patch.object(keras.Model, "evaluate", clock.timed(keras.Model.evaluate)),
            patch.object(
                CleanEvaluation, "on_epoch_end", clock.timed(CleanEvaluation.on_epoch_end)
            ),
        ):
            job = Job("speed", "0" * 64, self._blueprint, 0, Path(folder), "", False)
            self._trainer.train(job, on_epoch)
        # The first epoch, which builds iterators and graphs, falls out with the differences.
        training = np.diff(ends) - np.diff(evaluated)
        return float(np.median(training)), (evaluated[-1] - evaluated[0]) / (ends[-1] - ends[0])


class Stopwatch:
    """Adds up the time spent in functions."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Returns the function, timed."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - began

        return timed


class Bare:
    """The hand-written loop's side."""

    def __init__(self, data: Dataset, blueprint: Blueprint) -> None:
        self._epochs = blueprint.epochs
        steps, batch = len(data.x_train) // blueprint.batch_size, blueprint.batch_size
        network = build_model(
            blueprint, data.image_shape, len(data.classes), data.scaling, steps_per_epoch=steps
        ).trainable
        weights, optimizer = network.trainable_variables, keras.optimizers.Adam(1e-3)
        optimizer.build(weights)
        images = tf.constant(data.scaling.apply(data.x_train))
        labels = tf.constant(data.y_train)
        loss_sum, correct = tf.Variable(0.0), tf.Variable(0.0)

        @tf.function
        def epoch() -> None:
            order = tf.random.shuffle(tf.range(len(images)))
            order = tf.reshape(order[: steps * batch], (steps, batch))
            for step in tf.range(steps):
                x, y = tf.gather(images, order[step]), tf.gather(labels, order[step])
                with tf.GradientTape() as tape:
                    logits = network(x, training=True)
                    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
                    loss = tf.reduce_mean(losses)
                optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
                hits = tf.argmax(logits, -1, output_type=tf.int32) == y
                loss_sum.assign_add(loss)
                correct.assign_add(tf.reduce_mean(tf.cast(hits, tf.float32)))

        self._epoch = epoch

    def block(self) -> float:
        """Trains as many epochs as a run; returns its median epoch's seconds."""
        ends = []
        for _ in range(self._epochs):
            self._epoch()
            ends.append(time.perf_counter())
        return float(np.median(np.diff(ends)))


if __name__ == "__main__":
    main()
