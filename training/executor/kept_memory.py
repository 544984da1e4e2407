"""Memory that a training step frees stays with the worker, for the next step."""

from __future__ import annotations

import os

# Read by glibc when a process starts; other C libraries know no such names.
_KEPT = {
    "MALLOC_MMAP_MAX_": "0",  # no block is a mapping of its own, gone once it is freed
    "MALLOC_TRIM_THRESHOLD_": str(2**40),  # bytes free at the heap's end that are given back
}


def memory_settings() -> dict[str, str]:
    """Returns what a worker's environment says of its memory; the user's own settings stand.

    glibc hands each block of more than some megabytes back to the kernel as soon as it is freed,
    and the next step asks for it again, cleared page by page. Every activation of a batch of
    images is such a block: up to half of a step of TensorFlow on a CPU (`benchmarks/memory.py`).
    """
    return {name: os.environ.get(name, value) for name, value in _KEPT.items()}
