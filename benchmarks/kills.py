"""Short studies whose driver, workers or nodes are killed at random moments, until they are whole.

    python benchmarks/kills.py --on local [--times 6] [--longest 20] [--seed 0]
    KERAS_BACKEND=jax python benchmarks/kills.py --on ray

Any backend will do; JAX starts quickest.

A study of 8 runs is trained by `trickbook run`, on processes of this machine or on a Ray cluster
of two nodes that is started for it. At random moments, up to `--longest` seconds apart, a part of
it gets kill -9: the driver, which is then started again with the same command; a worker; or, on
Ray, all processes of a node, which another node replaces. Between the kills and at the end, it is
checked that every run that had finished is there as it was, byte for byte, including its start and
its seconds: it was neither lost nor repeated. Each whole study must come to the figures and the
table of one that was not disturbed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

LADDER = """
[data]
name = "digits"
limit_train = 200

[baseline]
filters = [4]
convolutions = 1
dense = [8]

[budget]
epochs = 3
batch_size = 25
seeds = 4

[[rung]]
recipes = ["batch_norm"]
"""
LONGEST_STUDY = 1800.0
# Figures that depend on the machine.
OF_THE_MACHINE = ("seconds", "images_per_second")


def finished(out: Path) -> dict[str, tuple[bytes, ...]]:
    """The files of every run that says that it has ended."""
    found = {}
    for file in out.glob("runs/*/run.json"):
        content = file.read_bytes()
        if json.loads(content)["status"] in ("done", "failed"):
            files = ("history.csv", "metrics.json")
            found[file.parent.name] = (
                content,
                *((file.parent / name).read_bytes() for name in files),
            )
    return found


def figures(out: Path) -> dict[str, Any]:
    """Every run's curves and figures, and the table, without times."""
    found: dict[str, Any] = {}
    for folder in sorted((out / "runs").iterdir()):
        history = pd.read_csv(folder / "history.csv").drop(columns="seconds")
        metrics = json.loads((folder / "metrics.json").read_text())
        kept = {name: value for name, value in metrics.items() if name not in OF_THE_MACHINE}
        found[folder.name] = (history.to_csv(), kept)
    table = pd.read_csv(out / "ladder.csv").drop(columns="seconds")
    return {**found, "table": table.to_csv()}


def processes(beginning: str, parent: int | None = None) -> list[int]:
    """The processes whose command line holds a text, among all or among one parent's children."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            stat = (file.parent / "stat").read_text().rpartition(")")[2].split()
            is_ours = parent is None or int(stat[1]) == parent
            if is_ours and stat[0] != "Z" and beginning in file.read_text().replace("\0", " "):
                found.append(int(file.parent.name))
    return found


class Local:
    """Workers are child processes of the driver."""

    victims = ("driver", "worker")
    flags = ("--jobs", "2")

    def kill(self, victim: str, driver: int, chance: random.Random) -> bool:
        """Kills a worker; returns whether there was one."""
        return _kill_one_of(processes("executor.worker_main", driver), chance)


class OnRay:
    """Workers are actors on a cluster of two nodes, which is ours."""

    victims = ("driver", "worker", "node")

    def __init__(self) -> None:
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        os.environ |= {
            "RAY_health_check_period_ms": "1000",
            "RAY_health_check_failure_threshold": "3",
        }
        from ray.cluster_utils import Cluster

        self._node = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "memory": 4 * 2**30}
        head = {**self._node, "include_dashboard": False}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self._cluster.add_node(**self._node)
        self.flags = ("--on", self._cluster.address)

    def kill(self, victim: str, driver: int, chance: random.Random) -> bool:
        """Kills an actor or a node; returns whether there was one."""
        if victim == "worker":
            nodes = self._cluster.list_all_nodes()
            raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
            actors = [pid for one in raylets for pid in processes("ray::RayActor", one)]
            return _kill_one_of(actors, chance)
        (node,) = self._cluster.worker_nodes
        self._cluster.remove_node(node, allow_graceful=False)
        self._cluster.add_node(**self._node)
        return True

    def close(self) -> None:
        """Stops the cluster."""
        self._cluster.shutdown()


def _kill_one_of(found: list[int], chance: random.Random) -> bool:
    if not found:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(chance.choice(found), signal.SIGKILL)
    return True


class Disturbed:
    """A study that is disturbed by kills, and started again, until it is whole.

    Args:
        place: where it is trained.
        folder: folder of the ladder file and the study.
        chance: draws moments and victims.
        longest: seconds between two kills, at most.
        left: how many kills are left.
    """

    def __init__(
        self, place: Local | OnRay, folder: Path, chance: random.Random, longest: float, left: int
    ) -> None:
        self._place, self._folder, self._chance = place, folder, chance
        self._longest, self._left = longest, left
        self._out = folder / "out"
        self._kept: dict[str, tuple[bytes, ...]] = {}
        self.kills: Counter[str] = Counter()
        self.starts = 0

    def carry_out(self) -> dict[str, Any]:
        """Returns the figures that the study came to."""
        end = time.monotonic() + LONGEST_STUDY
        while True:
            assert time.monotonic() < end, f"{self._out} did not end"
            self.starts += 1
            driver = start(self._folder, self._place.flags)
            self._disturb(driver)
            printed, _ = driver.communicate(timeout=LONGEST_STUDY)
            self._check()
            if driver.returncode == 0:
                return figures(self._out)
            # Status 1: runs were lost with their workers; 2: one was lost before anything was
            # trained. The same command goes on.
            was_killed = "process was killed" in printed
            assert driver.returncode in (1, -signal.SIGKILL) or was_killed, printed

    def _disturb(self, driver: subprocess.Popen[str]) -> None:
        while self._left and driver.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                driver.wait(self._chance.uniform(0.5, self._longest))
                return
            self._check()
            victim = self._chance.choice(self._place.victims)
            if victim == "driver":
                driver.kill()
            elif not self._place.kill(victim, driver.pid, self._chance):
                continue
            self._left -= 1
            self.kills[victim] += 1

    def _check(self) -> None:
        now = finished(self._out)
        changed = [name for name, files in self._kept.items() if now.get(name) != files]
        assert not changed, f"lost or repeated: {changed}"
        self._kept |= now


def start(folder: Path, flags: tuple[str, ...]) -> subprocess.Popen[str]:
    """Begins the study, or goes on with it."""
    command = ("run", "kills.toml", "--out", "out", "--no-models", *flags)
    return subprocess.Popen(
        [sys.executable, "-m", "trickbook", *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextlib.contextmanager
def study_folder() -> Iterator[Path]:
    """A folder with the ladder, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        (Path(name) / "kills.toml").write_text(LADDER)
        yield Path(name)


def undisturbed() -> dict[str, Any]:
    """The figures of the study on local processes, without kills."""
    with study_folder() as folder:
        driver = start(folder, Local.flags)
        printed, _ = driver.communicate(timeout=LONGEST_STUDY)
        assert driver.returncode == 0, printed
        return figures(folder / "out")


def kill(place: Local | OnRay, times: int, longest: float, seed: int) -> None:
    """Kills this many times, over as many studies as that takes, and prints what came of it."""
    expected, chance = undisturbed(), random.Random(seed)
    kills: Counter[str] = Counter()
    studies = starts = 0
    while (left := times - kills.total()) > 0:
        with study_folder() as folder:
            study = Disturbed(place, folder, chance, longest, left)
            found = study.carry_out()
        assert found == expected, "other figures"
        kills, studies, starts = kills + study.kills, studies + 1, starts + study.starts
        told = ", ".join(f"{victim} {count}" for victim, count in sorted(kills.items()))
        print(
            f"{kills.total()} kills ({told}); {studies} studies whole and equal, {starts} starts",
            flush=True,
        )


def main() -> None:
    """Kills as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--on", choices=("local", "ray"), required=True)
    parser.add_argument("--times", type=int, default=6)
    parser.add_argument("--longest", type=float, default=20.0, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.on == "local":
        kill(Local(), given.times, given.longest, given.seed)
        return
    place = OnRay()
    try:
        kill(place, given.times, given.longest, given.seed)
    finally:
        place.close()


if __name__ == "__main__":
    main()
