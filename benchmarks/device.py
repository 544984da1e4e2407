"""Images per second of a rung on the device against a bare jitted loop, on resident data.

    KERAS_BACKEND=jax python benchmarks/device.py [RUNG] [PRECISION] [WIDTH] [IMAGES]
                                                  [--ladder NAME] [--together SEEDS]

On an accelerator: a rung of the `lecture` ladder (5, augmentation, unless told otherwise) at full
width on 45,000 images of CIFAR-10's shape, in mixed_bfloat16. On a CPU the defaults are an eighth
of the width, 1,280 images and float32.

The runner's side is `Trainer`, as `trickbook run` uses it: model.fit on our pipeline with its
callbacks. Evaluation is left out of its time; its share of the whole is printed too. The bare side
is one jitted step of the same network, augmentation and optimiser, called in a loop on data that
stay on the device. Both take turns; the line ends in the median ratio.

With --together, that many seeds take each bare step together, under `jax.vmap`: a second line gives
their images per second, counting all seeds, relative to the bare loop of one seed.
"""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import statistics
from dataclasses import replace

import jax
import keras
from bare_jax import BareLoop
from runner import Runner, noise_images

from trickbook.data import Dataset
from trickbook.ladder.ladder import Ladder
from trickbook.ladder.ladder_file import read_ladder
from trickbook.recipes import Blueprint
from trickbook.training.keras_settings import PRECISIONS

BLOCKS = 5
LADDERS = ("lecture", "speedrun")


def main() -> None:
    """Prints a line for one rung, and one for its seeds together."""
    if keras.backend.backend() != "jax":
        sys.exit("The bare loop is written in JAX: set KERAS_BACKEND=jax.")
    on_cpu = jax.devices()[0].platform == "cpu"
    given = parse_arguments(on_cpu)
    rungs = Ladder.from_spec(read_ladder(given.ladder)).rungs
    if given.rung >= len(rungs):
        sys.exit(f"RUNG must be one of 0 to {len(rungs) - 1}. Received: {given.rung}")
    chosen, precision, width = rungs[given.rung], given.precision, given.width
    blueprint = replace(chosen.blueprint.scaled(width), epochs=3)
    if given.images < blueprint.batch_size:
        sys.exit(f"IMAGES must be {blueprint.batch_size}, a batch, or more.")
    data = noise_images(-(-given.images * 5 // 3))  # a fifth each is for validation and test
    keras.config.set_dtype_policy(precision)
    name = f"{jax.devices()[0].device_kind}, rung {chosen.name}, width {width}, {precision}"
    limit = compare(name, data, blueprint, precision)
    if given.together:
        compare_together(name, data, blueprint, given.together, limit)


def compare(name: str, data: Dataset, blueprint: Blueprint, precision: str) -> float:
    """Prints the runner's line; returns the bare loop's images per second."""
    runner, bare = Runner(data, blueprint, precision), BareLoop(data, blueprint)
    runner.block(), bare.block()  # compiles
    ours, shares, limits = [], [], []
    for _ in range(BLOCKS):
        seconds, share = runner.block()
        ours.append(seconds)
        shares.append(share)
        limits.append(bare.block())
    trained = trained_images(data, blueprint)
    ratio = statistics.median(limit / mine for limit, mine in zip(limits, ours, strict=True))
    print(
        f"{name}: runner {trained / statistics.median(ours):.0f} images/s, bare loop "
        f"{trained / statistics.median(limits):.0f} images/s, ratio {ratio:.3f}; evaluation takes "
        f"{statistics.median(shares):.0%} of the runner's time",
        flush=True,
    )
    return trained / statistics.median(limits)


def compare_together(
    name: str, data: Dataset, blueprint: Blueprint, seeds: int, limit: float
) -> None:
    """Prints the line for seeds that take their steps together."""
    together = BareLoop(data, blueprint, seeds)
    together.block()  # compiles
    seconds = statistics.median(together.block() for _ in range(BLOCKS))
    speed = seeds * trained_images(data, blueprint) / seconds
    print(
        f"{name}: {seeds} seeds together {speed:.0f} images/s, {speed / limit:.2f} times as many "
        "as one after the other"
    )


def trained_images(data: Dataset, blueprint: Blueprint) -> int:
    """Returns how many images an epoch trains on, without a remainder that fills no batch."""
    return len(data.x_train) // blueprint.batch_size * blueprint.batch_size


def parse_arguments(on_cpu: bool) -> argparse.Namespace:
    """Reads the command line; the defaults suit a CPU or an accelerator."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rung", nargs="?", type=int, default=5)
    parser.add_argument(
        "precision",
        nargs="?",
        choices=PRECISIONS,
        default="float32" if on_cpu else "mixed_bfloat16",
    )
    parser.add_argument("width", nargs="?", type=float, default=0.125 if on_cpu else 1.0)
    parser.add_argument("images", nargs="?", type=int, default=1280 if on_cpu else 45000)
    parser.add_argument("--ladder", choices=LADDERS, default="lecture")
    parser.add_argument("--together", type=int, default=0, metavar="SEEDS")
    return parser.parse_args()


if __name__ == "__main__":
    main()
