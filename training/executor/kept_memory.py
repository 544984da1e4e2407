"""Memory that a worker frees stays with it, and on a GPU it takes no more than it needs."""

from __future__ import annotations

import os

_SETTINGS = {
    # Read by glibc when a process starts; other C libraries know no such names.
    "MALLOC_MMAP_MAX_": "0",  # no block is a mapping of its own, gone once it is freed
    "MALLOC_TRIM_THRESHOLD_": str(2**40),  # bytes free at the heap's end that are given back
    # JAX's first process would take three quarters of a GPU, and leave none for the next.
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}


def memory_settings() -> dict[str, str]:
    """Returns what a worker's environment says of its memory; the user's own settings stand.

    glibc hands each block of more than some megabytes back to the kernel as soon as it is freed,
    and the next step asks for it again, cleared page by page. Every activation of a batch of
    images is such a block: up to half of a step of TensorFlow on a CPU (`benchmarks/memory.py`).
    """
    return {name: os.environ.get(name, value) for name, value in _SETTINGS.items()}
