"""Which NVIDIA GPUs of this machine we may use, without importing a backend."""

from __future__ import annotations

import os
import re
from itertools import takewhile
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"
_GPU = re.compile(r"\d+|(GPU|MIG)-.+")


def visible_gpus(root: Path = Path("/")) -> tuple[str, ...]:
    """Returns the NVIDIA GPUs that are not hidden from us, named as in CUDA_VISIBLE_DEVICES.

    Args:
        root: root folder of the system's files.
    """
    if not _has_driver(root):
        return ()
    listed = os.environ.get(VISIBLE)
    if listed is not None:
        # CUDA reads the list up to the first entry that is not a GPU: "-1", "none", "NoDevFiles".
        names = map(str.strip, listed.split(","))
        return tuple(takewhile(_GPU.fullmatch, names))
    # A container only has the device files of its own GPUs.
    count = len(list((root / "dev").glob("nvidia[0-9]*")))
    return tuple(map(str, range(max(1, count))))


def _has_driver(root: Path) -> bool:
    if (root / "proc/driver/nvidia/version").exists():
        return True
    # In WSL 2, Windows lends its driver to Linux, with one device that stands for GPUs of any
    # vendor.
    lent = root / "usr/lib/wsl"
    is_lent = any(lent.glob("lib/libcuda*")) or any(lent.glob("drivers/*/libcuda*"))
    return is_lent and (root / "dev/dxg").exists()
