"""The default ladder against the same trainings one after the other with model.fit.

    python benchmarks/ladder_vs_plain.py [SEEDS]

SEEDS is 3 if it is left out. Our side is the whole command `trickbook run --seeds SEEDS`: start-up,
data, 9 runs per seed with their evaluations and models, and the report. The plain side
(plain_ladder.py) is one script on all cores that builds the same networks and trains each with
model.fit on NumPy arrays, with Keras's own random layers in front, then evaluates and saves it.
Each side is a process of its own, and the times are wall times of whole processes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main(seeds: str) -> None:
    """Prints a line."""
    plain_script = Path(__file__).with_name("plain_ladder.py")
    with tempfile.TemporaryDirectory() as folder:
        plain = wall_seconds([sys.executable, str(plain_script), seeds, f"{folder}/plain"])
        ladder = [sys.executable, "-m", "trickbook", "run", "--seeds", seeds, "--out"]
        ours = wall_seconds([*ladder, f"{folder}/ours"])
    print(
        f"default ladder, seeds {seeds}: trickbook run {ours:.0f} s, model.fit on arrays "
        f"{plain:.0f} s, ratio {plain / ours:.2f}"
    )


def wall_seconds(command: list[str]) -> float:
    """Runs the command to its end and returns its wall time; fails if the command does."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main(*sys.argv[1:] or "3")
