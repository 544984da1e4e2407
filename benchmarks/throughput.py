"""Images per second of a rung's training under our runner against a bare tf.function loop.

    python benchmarks/throughput.py [digits] [digits-bn] [32x32] [airbench] [--bfloat16]

The runner's side is `Trainer`, as `trickbook run` uses it: model.fit on our input pipeline with its
callbacks. Evaluation is left out of its time; for small networks its share is printed. The bare
side is one tf.function per epoch over the same network and scaled images: shuffle, gather,
gradient, Adam, running sums of loss and accuracy, and nothing else. Both run on one thread of one
core and keep their memory as a worker does (`benchmarks/memory.py` shows what that is worth), in
blocks of epochs that take turns. A block's figure is its median epoch (on a shared machine, a mean
would depend on the neighbours); each line gives medians over the blocks and ends in the median
ratio.

The network of airbench is timed in float32 and, if the CPU multiplies bfloat16 or --bfloat16 asks
for it, in mixed_bfloat16. A plain PyTorch loop is timed beside it, in a process of its own, if
PyTorch is installed here or in .venv-backends.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if hasattr(os, "sched_setaffinity"):
    # One core, as each of several workers has: the pipeline's thread must not get one for free.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import argparse
import importlib.util
import statistics
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from as_worker import start_as_worker
from networks import NETWORKS
from runner import Runner

from trickbook.data import Dataset
from trickbook.recipes import Blueprint
from trickbook.training.build import build_model
from trickbook.training.executor.threads import limit_tensorflow
from trickbook.training.preprocessing import preprocessing_of

BLOCKS = 9
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Prints a line per network."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("networks", nargs="*", choices=NETWORKS, help="all unless given")
    parser.add_argument("--bfloat16", action="store_true", help="mixed_bfloat16 on any CPU")
    given = parser.parse_args()
    start_as_worker()
    limit_tensorflow()
    for name in given.networks or NETWORKS:
        if name == "airbench":
            airbench_network(given.bfloat16)
        else:
            compare(name, *NETWORKS[name]())


def airbench_network(bfloat16: bool) -> None:
    """Times the network of the speedrun ladder, a step of which takes seconds on an old CPU."""
    data, blueprint = NETWORKS["airbench"]()
    for precision in ("float32", "mixed_bfloat16"):
        if precision == "float32" or bfloat16 or multiplies_bfloat16():
            compare(f"airbench, {precision}", data, blueprint, precision, blocks=2)
            print(f"airbench, {precision}: {torch_text(precision, blueprint.batch_size)}")
        else:
            print(f"airbench, {precision}: left out, as this CPU only emulates it (--bfloat16)")


def compare(
    name: str,
    data: Dataset,
    blueprint: Blueprint,
    precision: str = "float32",
    blocks: int = BLOCKS,
) -> None:
    """Times both sides in turns and prints their medians."""
    runner = Runner(data, blueprint, precision)  # sets the precision for both
    bare = Bare(data, blueprint)
    if blocks == BLOCKS:
        runner.block(), bare.block()  # traces; with few blocks, their first epoch does
    ours, shares, limits = [], [], []
    for _ in range(blocks):
        seconds, share = runner.block()
        ours.append(seconds)
        shares.append(share)
        limits.append(bare.block())
    images = len(data.x_train) // blueprint.batch_size * blueprint.batch_size
    ratio = statistics.median(limit / mine for limit, mine in zip(limits, ours, strict=True))
    # The few images of so slow a network say nothing about evaluation at full size.
    evaluation = f"evaluation {statistics.median(shares):.0%} of a run's epochs, "
    print(
        f"{name}: runner {images / statistics.median(ours):.0f} images/s, bare loop "
        f"{images / statistics.median(limits):.0f} images/s, "
        f"{evaluation if blocks == BLOCKS else ''}ratio {ratio:.3f}",
        flush=True,
    )


def multiplies_bfloat16() -> bool:
    """Whether the CPU has instructions for bfloat16; without, it takes several times as long."""
    cpuinfo = Path("/proc/cpuinfo")
    return cpuinfo.exists() and any(
        flag in cpuinfo.read_text() for flag in ("avx512_bf16", "amx_bf16")
    )


def torch_text(precision: str, batch_size: int) -> str:
    """Times the same network in PyTorch and returns the result in words."""
    other = ROOT / ".venv-backends" / "bin" / "python"
    if other.exists():
        python = str(other)
    elif importlib.util.find_spec("torch"):
        python = sys.executable
    else:
        return "PyTorch left out, as it is installed neither here nor in .venv-backends"
    script = str(Path(__file__).with_name("airbench_in_torch.py"))
    kind = precision.removeprefix("mixed_")
    ran = subprocess.run(
        [python, script, kind, str(batch_size), "5"], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        return f"PyTorch failed: {ran.stderr.strip().splitlines()[-1]}"
    return f"PyTorch loop, channels last, {float(ran.stdout):.0f} images/s"


class Bare:
    """The hand-written loop's side."""

    def __init__(self, data: Dataset, blueprint: Blueprint) -> None:
        self._epochs = blueprint.epochs
        steps, batch = len(data.x_train) // blueprint.batch_size, blueprint.batch_size
        network = build_model(
            blueprint,
            data.image_shape,
            len(data.classes),
            data.scaling,
            steps_per_epoch=steps,
            preprocessing=preprocessing_of(blueprint, data, data.scaling),
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
                    logits = tf.cast(network(x, training=True), tf.float32)
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
