"""How many worker processes this machine, or our share of it, has room for."""

from __future__ import annotations

import joblib

from ...runs.free_memory import available_bytes
from .gpus import visible_gpus

# Memory of a worker besides the data: Python, the backend and a network of ordinary size.
WORKER_BYTES = 1.2e9


def default_jobs(data_bytes: int, threads: int = 1) -> int:
    """Returns how many workers to use: as many as fit on our cores and in memory, 1 or more.

    A container's limits are respected. On a machine with NVIDIA GPUs there is one worker per GPU,
    since a single process fills it, as far as memory allows.

    Args:
        data_bytes: memory that the data take.
        threads: threads of each worker.
    """
    by_memory = int(available_bytes() // bytes_of_worker(data_bytes))
    most = len(visible_gpus()) or joblib.cpu_count() // threads
    return max(1, min(most, by_memory))


def bytes_of_worker(data_bytes: int) -> float:
    """Returns the memory that a worker takes with data of this size."""
    return WORKER_BYTES + 3 * data_bytes
