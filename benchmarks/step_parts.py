"""The share of batch norm and GELU in a training step of the speedrun ladder's network.

    python benchmarks/step_parts.py [--precision mixed_bfloat16] [--rounds 3]

Times steps on one core with the network as it is, without its batch norm, with ReLU in place of
GELU, and without either, in turns, and prints for each the median and its share of the whole step.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import statistics

from as_worker import start_as_worker
from networks import airbench

from trickbook.recipes import Activation, Blueprint, PatchWhitening, compose
from trickbook.training.executor.threads import limit_tensorflow
from trickbook.training.trainer import Trainer


def main() -> None:
    """Prints a line per variant."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--precision", default="mixed_bfloat16")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    start_as_worker()
    limit_tensorflow()
    data, whole = airbench()
    trainer = Trainer(data, given.precision)
    seconds: dict[str, list[float]] = {name: [] for name in variants(whole)}
    for _ in range(given.rounds):
        for name, blueprint in variants(whole).items():
            seconds[name].append(trainer.seconds_per_step(blueprint))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, median in medians.items():
        share = median / medians["whole"]
        print(f"{name}: {1000 * median:.0f} ms for {whole.batch_size} images, {share:.2f} of it")


def variants(whole: Blueprint) -> dict[str, Blueprint]:
    """Returns, by name, the network's blueprint and those without the parts to measure."""
    plain = whole.empty("normalization", "batch_norm")
    relu = PatchWhitening(activation="relu")
    return {
        "whole": whole,
        "without batch norm": plain,
        "ReLU for GELU": compose(whole, [Activation(kind="relu"), relu]),
        "without either": compose(plain, [Activation(kind="relu"), relu]),
    }


if __name__ == "__main__":
    main()
