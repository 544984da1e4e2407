"""Lets a worker keep the memory that it frees, and take no more of a GPU than it needs."""

from __future__ import annotations

import os

_SETTINGS = {
    # Read by glibc when a process starts; other C libraries ignore these names.
    "MALLOC_MMAP_MAX_": "0",  # no block is a mapping of its own, gone once it is freed
    "MALLOC_TRIM_THRESHOLD_": str(2**40),  # bytes free at the heap's end that are given back
    # Otherwise JAX's first process would take three quarters of a GPU and leave none for the next.
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}


def memory_settings() -> dict[str, str]:
    """Returns a worker's environment variables for memory; the user's own values take precedence.

    By default, glibc hands each block of more than a few megabytes back to the kernel as soon as it
    is freed, and the next step requests it again, cleared page by page. Every activation of a batch
    of images is such a block: this takes up to half of a TensorFlow step on a CPU
    (`benchmarks/memory.py`).
    """
    return {name: os.environ.get(name, value) for name, value in _SETTINGS.items()}
