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
import time
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf
from runner import Runner, noise_images

from trickbook.data import Dataset, DataSpec, load
from trickbook.ladder.ladder_file import read_ladder
from trickbook.recipes import BatchNorm, Blueprint, compose
from trickbook.training.build import build_model
from trickbook.training.executor.threads import limit_tensorflow

BLOCKS = 9


def main() -> None:
    """Prints a line per network."""
    limit_tensorflow()
    digits = load(DataSpec("digits", limit_train=200))
    small = replace(read_ladder("digits").baseline, epochs=20)
    compare("digits 8x8, width 16", digits, small)
    compare("digits 8x8, width 16, batch norm", digits, compose(small, [BatchNorm()]))
    wide = Blueprint(filters=(16, 32, 64), dense=(128,), epochs=4, batch_size=64)
    compare("32x32, width 16, batch norm", noise_images(1280), compose(wide, [BatchNorm()]))


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


class Bare:
    """The hand-written loop's side."""

    def __init__(self, data: Dataset, blueprint: Blueprint) -> None:
        self._epochs = blueprint.epochs
        steps, batch = len(data.x_train) // blueprint.batch_size, blueprint.batch_size
        network = build_model(
            blueprint, data.image_shape, len(data.classes), data.scaling, steps_per_epoch=steps
        ).training_model
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
