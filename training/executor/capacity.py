"""How many worker processes this machine, or the share of it that we may use, has room for."""

from __future__ import annotations

import os
from pathlib import Path

import joblib

# Memory of a worker besides the data: Python, the backend, a network of ordinary size.
WORKER_BYTES = 1.2e9
# Where a container's limit of memory and what it has used stand, in both versions of cgroups.
_CGROUPS = (
    ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current"),
    (
        "sys/fs/cgroup/memory/memory.limit_in_bytes",
        "sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


def default_jobs(data_bytes: int) -> int:
    """Returns how many workers to use: one per core that we may use, as far as memory goes.

    A container's limits count. On a machine with an NVIDIA GPU it is one, as one process fills it.
    """
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    if Path("/proc/driver/nvidia/version").exists() and not hidden:
        return 1
    by_memory = int(available_bytes() // (WORKER_BYTES + 3 * data_bytes))
    return max(1, min(joblib.cpu_count(), by_memory))


def available_bytes(root: Path = Path("/")) -> float:
    """Returns the memory that is free for us: the machine's, or what a container's limit leaves.

    Args:
        root: where the system's files lie.
    """
    return min(_free_in_machine(root), _free_in_container(root))


def _free_in_machine(root: Path) -> float:
    meminfo = root / "proc/meminfo"
    if meminfo.exists():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _free_in_container(root: Path) -> float:
    for limit, used in _CGROUPS:
        # Version 2 writes "max" where there is no limit, version 1 a number beyond all memory.
        if (root / limit).exists() and (text := (root / limit).read_text().strip()) != "max":
            return max(0.0, float(text) - float((root / used).read_text()))
    return float("inf")
