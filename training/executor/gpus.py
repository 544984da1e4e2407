"""Which NVIDIA GPUs of this machine we may use, without importing a backend."""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"


def visible_gpus(root: Path = Path("/")) -> tuple[str, ...]:
    """Returns what CUDA_VISIBLE_DEVICES calls each NVIDIA GPU that is not hidden from us.

    Args:
        root: where the system's files lie.
    """
    if not (root / "proc/driver/nvidia/version").exists():
        return ()
    listed = os.environ.get(VISIBLE)
    if listed is not None:
        # CUDA reads the list as far as the first that is none.
        return tuple(takewhile(lambda name: name not in ("", "-1"), listed.split(",")))
    # Of a machine's GPUs a container has the device files of its own.
    count = len(list((root / "dev").glob("nvidia[0-9]*")))
    return tuple(map(str, range(max(1, count))))
