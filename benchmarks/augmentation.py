"""Images per second of our augmentation against Keras's layers, and what it costs a training.

    python benchmarks/augmentation.py

First, flip, shift, rotation and erasing of 32x32x3 images in tf.data, on two cores: Keras's layers
one after the other in one parallel `map` over batches, against our single layer in the same place,
with draws that are a function of (epoch, image), compiled and not. A side runs for some seconds at
a time, the first of which is left out, and the sides take turns.

Then the training of small networks under our runner, which augments in its input pipeline: the time
with augmentation relative to the time without, on one thread of one core (so that nothing runs
beside it for free) and with a worker's memory settings. The figure is that of
`benchmarks/throughput.py`: the median epoch of a run, with runs taking turns.

Each line gives medians over the turns, the range of the ratios of single turns, and the median
ratio.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from as_worker import start_as_worker
from runner import Runner, noise_images

from trickbook.data import Dataset, DataSpec, load
from trickbook.ladder.ladder_file import read_ladder
from trickbook.layers import RandomAugmentation, stateless_draws
from trickbook.recipes import Augmentation, BatchNorm, Blueprint, Noise, compose
from trickbook.training.executor.threads import limit_tensorflow

BATCH, BATCHES = 128, 40
TURNS, WARM_SECONDS, SECONDS = 5, 1.0, 3.0
RUNS = 7
MOVES = Augmentation(crop_area_min=1.0, shift_pixels=4.0, rotation_degrees=15.0)


def main() -> None:
    """Prints a line per figure."""
    start_as_worker()
    compare_with_keras()
    # TensorFlow's number of threads can be set only once per process.
    alone = multiprocessing.get_context("spawn").Process(target=compare_training)
    alone.start()
    alone.join()


def compare_with_keras() -> None:
    """Times augmentation in tf.data."""
    layer = RandomAugmentation(
        flip_probability=0.5, shift_pixels=4, rotation_degrees=15, erasing_probability=0.75
    )
    stack = keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomTranslation(4 / 32, 4 / 32, fill_mode="constant"),
            keras.layers.RandomRotation(15 / 360, fill_mode="constant"),
            keras.layers.RandomErasing((0.75, 0.75), scale=(0.01, 0.3), fill_value=0.0),
        ]
    )

    def ours(images: Any, places: Any, epoch: Any) -> Any:
        return layer(images, stateless_draws(0, epoch, places, layer.draws))

    theirs = batches(lambda images, places, epoch: stack(images, training=True))
    sides = {
        "compiled": batches(tf.function(ours, jit_compile=True)),
        "not compiled": batches(ours),
    }
    rates = take_turns([lambda side=side: speed(side) for side in (theirs, *sides.values())], TURNS)
    for name, mine in zip(sides, rates[1:], strict=True):
        what = f"flip, shift, rotation and erasing of 32x32x3 images, {name}"
        report(what, mine, "images/s", "Keras's layers", rates[0])


def batches(augment: Callable[..., Any]) -> tf.data.Dataset:
    """Epoch after epoch of augmented batches."""
    images = np.random.default_rng(0).random((BATCHES, BATCH, 32, 32, 3), dtype="float32")
    places = np.arange(BATCHES * BATCH, dtype="int32").reshape(BATCHES, BATCH)
    data = tf.data.Dataset.from_tensor_slices((images, places))
    epochs = tf.data.Dataset.range(2**30)
    data = epochs.flat_map(lambda epoch: data.map(lambda x, place: (x, place, epoch)))
    return data.map(augment, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def speed(data: tf.data.Dataset) -> float:
    """Images per second after the warm-up."""
    iterator = iter(data)
    began, now, seen = time.perf_counter(), 0.0, 0
    while now < WARM_SECONDS:
        next(iterator)
        now = time.perf_counter() - began
    warm = now
    while now < WARM_SECONDS + SECONDS:
        next(iterator)
        seen += BATCH
        now = time.perf_counter() - began
    return seen / (now - warm)


def compare_training() -> None:
    """Times the training of small networks with and without augmentation."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    limit_tensorflow()
    wide = Blueprint(filters=(16, 32, 64), dense=(128,), epochs=4, batch_size=64)
    wide = compose(wide, [BatchNorm()])
    compare_epochs("32x32, width 16, batch norm", noise_images(1280), wide, [MOVES, Noise()])
    spec = read_ladder("digits")
    digits = load(DataSpec("digits", limit_train=200))
    shift = Augmentation(flip_probability=0.0, crop_area_min=1.0, shift_pixels=1.0)
    small = replace(spec.baseline, epochs=20)
    compare_epochs("digits 8x8, width 16", digits, small, [shift, Noise()])


def compare_epochs(name: str, data: Dataset, plain: Blueprint, recipes: Sequence[Any]) -> None:
    """Times the epochs of both sides and prints their medians."""
    sides = [Runner(data, compose(plain, recipes)), Runner(data, plain)]
    with_it, without = take_turns([lambda side=side: side.block()[0] for side in sides], RUNS)
    steps = len(data.x_train) // plain.batch_size
    milliseconds = [[1000 * epoch / steps for epoch in side] for side in (with_it, without)]
    names = " + ".join(recipe.name for recipe in recipes)
    report(f"a step of {name}, {names}", milliseconds[0], "ms", "without", milliseconds[1])


def take_turns(sides: Sequence[Callable[[], float]], turns: int) -> list[list[float]]:
    """Calls the sides in turns, after one call of each that builds what it needs."""
    for side in sides:
        side()
    figures = [[side() for side in sides] for _ in range(turns)]
    return [list(figure) for figure in zip(*figures, strict=True)]


def report(
    what: str, mine: Sequence[float], unit: str, other: str, theirs: Sequence[float]
) -> None:
    """Prints medians, the range of the turns and the median ratio."""
    ratios = [one / another for one, another in zip(mine, theirs, strict=True)]
    print(
        f"{what}: {_shown(mine)} {unit}, {other} {_shown(theirs)} {unit}, "
        f"turns {min(ratios):.2f} to {max(ratios):.2f}, ratio {statistics.median(ratios):.2f}",
        flush=True,
    )


def _shown(figures: Sequence[float]) -> str:
    median = statistics.median(figures)
    return f"{median:,.0f}" if median >= 100 else f"{median:.2f}"


if __name__ == "__main__":
    main()
