"""What a worker gains by keeping the memory that a training step frees, and what it costs.

    [KERAS_BACKEND=jax] python benchmarks/memory.py [digits] [digits-bn] [32x32] [airbench]

Each network is trained by `Trainer` on one thread, in processes that start with the environment of
a worker. Processes with and without the settings of `training/executor/kept_memory.py` take turns.
A line gives, for both, the median epoch without evaluation, its page faults (those of the whole
process divided by its epochs) and the largest memory; it ends in the median ratio of the epochs.
If the C library is not glibc, the settings do nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
from networks import NETWORKS
from runner import Runner

from trickbook.training.executor.kept_memory import memory_settings
from trickbook.training.executor.threads import limit_tensorflow, thread_settings

TURNS = 3


def main() -> None:
    """Prints a line per network; or, in a process of its own, the figures of one training."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("networks", nargs="*", choices=NETWORKS, help="all unless given")
    parser.add_argument("--once", choices=NETWORKS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        print(json.dumps(trained(given.once)))
        return
    for name in given.networks or NETWORKS:
        kept, given_back = [], []
        for _ in range(TURNS):
            kept.append(in_process(name, memory_settings()))
            given_back.append(in_process(name, {}))
        print(f"{keras.backend.backend()}, {name}: {line(kept, given_back)}", flush=True)


def trained(name: str) -> dict[str, float]:
    """Trains a network in this process; returns an epoch's seconds and faults, and the memory."""
    if keras.backend.backend() == "tensorflow":
        limit_tensorflow()
    data, blueprint = NETWORKS[name]()
    seconds, _ = Runner(data, blueprint).block()
    used = resource.getrusage(resource.RUSAGE_SELF)
    megabytes = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return {"seconds": seconds, "faults": used.ru_minflt / blueprint.epochs, "memory": megabytes}


def in_process(name: str, memory: dict[str, str]) -> dict[str, float]:
    """Trains a network in a process that starts with these memory settings."""
    others = {key: value for key, value in os.environ.items() if key not in memory_settings()}
    done = subprocess.run(
        [sys.executable, __file__, "--once", name],
        env={**others, **thread_settings(1), **memory},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def line(kept: list[dict[str, float]], given_back: list[dict[str, float]]) -> str:
    """Returns the figures of one network in words."""
    sides = {"memory kept": kept, "given back": given_back}
    words = [
        f"{name} {statistics.median(one['seconds'] for one in side):.3g} s an epoch, "
        f"{statistics.median(one['faults'] for one in side):,.0f} faults, "
        f"{statistics.median(one['memory'] for one in side):,.0f} MB"
        for name, side in sides.items()
    ]
    pairs = zip(kept, given_back, strict=True)
    ratio = statistics.median(before["seconds"] / after["seconds"] for after, before in pairs)
    return f"{'; '.join(words)}; kept is {ratio:.2f} times as fast"


if __name__ == "__main__":
    main()
