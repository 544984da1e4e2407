"""Which NVIDIA GPUs of this machine we may use, without importing a backend."""

from __future__ import annotations

import os
import re
from itertools import takewhile
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"
_GPU = re.compile(r"\d+|(GPU|MIG)-.+")


def visible_gpus(root: Path = Path("/")) -> tuple[str, ...]:
    """Returns what CUDA_VISIBLE_DEVICES calls each NVIDIA GPU that is not hidden from us.

    Args:
        root: where the system's files lie.
    """
    if not _has_driver(root):
        return ()
    listed = os.environ.get(VISIBLE)
    if listed is not None:
        # CUDA reads the list as far as the first that is none: "-1", "none", "NoDevFiles".
        names = map(str.strip, listed.split(","))
        return tuple(takewhile(_GPU.fullmatch, names))
    # Of a machine's GPUs a container has the device files of its own.
    count = len(list((root / "dev").glob("nvidia[0-9]*")))
    return tuple(map(str, range(max(1, count))))


def _has_driver(root: Path) -> bool:
    if (root / "proc/driver/nvidia/version").exists():
        return True
    # Windows lends its driver to Linux within it (WSL 2), beside a device that stands for GPUs of
    # any maker.
    lent = root / "usr/lib/wsl"
    is_lent = any(lent.glob("lib/libcuda*")) or any(lent.glob("drivers/*/libcuda*"))
    return is_lent and (root / "dev/dxg").exists()
