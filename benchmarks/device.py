"""Images per second of a rung on the device against a bare jitted loop, on resident data.

    KERAS_BACKEND=jax python benchmarks/device.py [RUNG] [PRECISION] [WIDTH] [IMAGES]

On an accelerator: a rung of the `lecture` ladder (5, augmentation, unless told otherwise) at full
width on 45,000 images of CIFAR-10's shape, in mixed_bfloat16. On a CPU the defaults are an eighth
of the width, 1,280 images and float32.

The runner's side is `Trainer`, as `trickbook run` uses it: model.fit on our pipeline with its
callbacks; evaluation is left out of its time. The bare side is one jitted step of the same network,
augmentation and optimizer, called in a loop on data that live on the device. Both take turns; the
line ends in the median ratio.
"""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import statistics
import time
from dataclasses import replace
from typing import Any

import jax
import keras
import numpy as np
from runner import Runner, noise_images

from trickbook.data import Dataset
from trickbook.data.batches.resident import prepare_batch
from trickbook.ladder.ladder import Ladder
from trickbook.ladder.ladder_file import read_ladder
from trickbook.recipes import Blueprint
from trickbook.training.build import build_model
from trickbook.training.keras_settings import PRECISIONS
from trickbook.training.transforms import build_transforms

BLOCKS = 5


def main() -> None:
    """Prints a line for one rung."""
    if keras.backend.backend() != "jax":
        sys.exit("The bare loop is written in JAX: set KERAS_BACKEND=jax.")
    on_cpu = jax.devices()[0].platform == "cpu"
    rungs = Ladder.from_spec(read_ladder("lecture")).rungs
    given = parse_arguments(on_cpu, len(rungs))
    chosen, precision, width = rungs[given.rung], given.precision, given.width
    blueprint = replace(chosen.blueprint.scaled(width), epochs=3 if on_cpu else 6)
    if given.images < blueprint.batch_size:
        sys.exit(f"IMAGES must be {blueprint.batch_size}, a batch, or more.")
    data = noise_images(round(given.images / 0.64))  # which leaves so many for training
    keras.config.set_dtype_policy(precision)
    runner, bare = Runner(data, blueprint, precision), Bare(data, blueprint)
    runner.block(), bare.block()  # compiles
    ours, limits = [], []
    for _ in range(BLOCKS):
        ours.append(runner.block()[0])
        limits.append(bare.block())
    trained = len(data.x_train) // blueprint.batch_size * blueprint.batch_size
    ratio = statistics.median(limit / mine for limit, mine in zip(limits, ours, strict=True))
    print(
        f"{jax.devices()[0].device_kind}, rung {chosen.name}, width {width}, {precision}: runner "
        f"{trained / statistics.median(ours):.0f} images/s, bare loop "
        f"{trained / statistics.median(limits):.0f} images/s, ratio {ratio:.3f}"
    )


def parse_arguments(on_cpu: bool, rungs: int) -> argparse.Namespace:
    """Reads the command line; what is not given suits a CPU, or an accelerator."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rung", nargs="?", type=int, choices=range(rungs), default=5)
    parser.add_argument(
        "precision",
        nargs="?",
        choices=PRECISIONS,
        default="float32" if on_cpu else "mixed_bfloat16",
    )
    parser.add_argument("width", nargs="?", type=float, default=0.125 if on_cpu else 1.0)
    parser.add_argument("images", nargs="?", type=int, default=1280 if on_cpu else 45000)
    return parser.parse_args()


class Bare:
    """The hand-written loop's side."""

    def __init__(self, data: Dataset, blueprint: Blueprint) -> None:
        self._epochs, self._batch = blueprint.epochs, blueprint.batch_size
        self._steps = len(data.x_train) // self._batch
        network = build_model(
            blueprint,
            data.image_shape,
            len(data.classes),
            data.scaling,
            steps_per_epoch=self._steps,
        ).training_model
        transforms = build_transforms(blueprint, data.scaling, data.value_range)
        self._draw_counts = [transform.draws for transform in transforms]
        prepare = prepare_batch(data.scaling, transforms)
        optimizer = network.optimizer
        optimizer.build(network.trainable_variables)
        self._images = jax.numpy.asarray(data.x_train)
        self._labels = jax.numpy.asarray(data.y_train)
        self._state = tuple(
            # Copies, as the step takes the buffers over.
            [jax.numpy.array(variable.value) for variable in variables]
            for variables in (
                network.trainable_variables,
                network.non_trainable_variables,
                optimizer.variables,
            )
        )

        def loss_of(weights: Any, others: Any, x: Any, y: Any) -> Any:
            logits, others, penalties = network.stateless_call(
                weights, others, x, training=True, return_losses=True
            )
            losses = keras.losses.sparse_categorical_crossentropy(y, logits, from_logits=True)
            return losses.mean() + sum(penalties), others

        def train(state: Any, images: Any, labels: Any, draws: Any, places: Any, step: int) -> Any:
            weights, others, optimizing = state
            x, y = prepare(images, labels, draws, places, step)
            gradient = jax.value_and_grad(loss_of, has_aux=True)
            (loss, others), gradients = gradient(weights, others, x, y)
            weights, optimizing = optimizer.stateless_apply(optimizing, gradients, weights)
            return (weights, others, optimizing), loss

        self._train = jax.jit(train, donate_argnums=0)

    def block(self) -> float:
        """Trains as many epochs as a run; returns its median epoch's seconds."""
        ends = []
        for epoch in range(self._epochs):
            order = np.random.default_rng(epoch).permutation(len(self._images)).astype("int32")
            batches = order[: self._steps * self._batch].reshape(self._steps, self._batch)
            places = jax.numpy.asarray(batches)
            draws = [
                keras.random.uniform((len(order), count), seed=epoch) for count in self._draw_counts
            ]
            for step in range(self._steps):
                self._state, loss = self._train(
                    self._state, self._images, self._labels, draws, places, step
                )
            loss.block_until_ready()
            ends.append(time.perf_counter())
        return float(np.median(np.diff(ends)))


if __name__ == "__main__":
    main()
