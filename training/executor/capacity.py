"""How many worker processes this machine, or the share of it that we may use, has room for."""

from __future__ import annotations

import joblib

from ...runs.free_memory import available_bytes
from .gpus import visible_gpus

# Memory of a worker besides the data: Python, the backend, a network of ordinary size.
WORKER_BYTES = 1.2e9


def default_jobs(data_bytes: int, threads: int = 1) -> int:
    """Returns how many workers to use: as the cores that we may use and memory have room for.

    A container's limits count. On a machine with NVIDIA GPUs it is one for each, which a process
    fills, as memory has room for.

    Args:
        data_bytes: memory that the data take.
        threads: of each worker.
    """
    by_memory = int(available_bytes() // bytes_of_worker(data_bytes))
    most = len(visible_gpus()) or joblib.cpu_count() // threads
    return max(1, min(most, by_memory))


def bytes_of_worker(data_bytes: int) -> float:
    """Returns the memory that a worker takes with data of so many bytes."""
    return WORKER_BYTES + 3 * data_bytes
