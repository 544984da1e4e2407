"""The lecture's whole ladder on CIFAR-10, in parts of limited time, the most important first.

    python benchmarks/cifar10_full.py DATA_DIR OUT [--minutes 8.5] [OPTION OF trickbook run ...]

DATA_DIR holds CIFAR-10's official files. One seed of every rung comes first, then a second and a
third of each. A part stops after that many minutes, and the same command goes on where it stopped,
even within a run. It exits with 0 when everything is trained, with 1 when everything is trained
except for failed runs, and with 3 while something is missing. Each part ends with the report on
what is there.

The backend is JAX, the precision mixed_bfloat16, and 2 % of the training images are kept for
validation, unless options say otherwise: these are passed on to `trickbook run lecture`. The
figures that the lecture gives are beside ours in OUT/report.md. What JAX compiles is kept in
OUT-compiled, unless JAX_COMPILATION_CACHE_DIR names another folder, so that no part compiles it
again.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SEEDS = 3
SOME_FAILED, UNFINISHED, INTERRUPTED = 1, 3, 130


def main() -> int:
    """Trains what is missing until the time is over; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=8.5)
    given, options = parser.parse_known_args()
    if not given.minutes > 0:
        parser.error(f"--minutes must be above 0. Received: {given.minutes:g}")
    # Handled as Ctrl-C is, so that the training is ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end = time.monotonic() + 60 * given.minutes
    compiled = given.out.absolute().with_name(given.out.name + "-compiled")
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(compiled))
    failed = 0
    for seeds in range(1, SEEDS + 1):
        command = climb_command(given.data_dir, given.out, seeds, options)
        status = run_until(end, command)
        if status not in (0, SOME_FAILED):
            return status
        failed = failed or status
    return failed


def climb_command(data_dir: Path, out: Path, seeds: int, options: list[str]) -> list[str]:
    """The command that climbs the ladder with this many seeds; later options win."""
    defaults = [f"--data-dir={data_dir}", f"--out={out}", f"--seeds={seeds}", "--no-models"]
    settings = ["--val-fraction=0.02", "--backend=jax", "--precision=mixed_bfloat16"]
    trickbook = [sys.executable, "-m", "trickbook", "run", "lecture"]
    return [*trickbook, *defaults, *settings, *options]


def run_until(end: float, command: list[str]) -> int:
    """Runs the command, stops it as Ctrl-C does when the time is over; returns a status."""
    process = subprocess.Popen(command)
    try:
        return process.wait(timeout=max(end - time.monotonic(), 0))
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        return INTERRUPTED
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        process.wait()
        out = next(option for option in command if option.startswith("--out=")).partition("=")[2]
        subprocess.run([sys.executable, "-m", "trickbook", "report", out], check=False)
        return UNFINISHED


if __name__ == "__main__":
    sys.exit(main())
