"""The name of the CPU, found without Keras, so that a parent process can ask for it too."""

from __future__ import annotations

import platform
from pathlib import Path


def cpu_model() -> str | None:
    """Returns the name of the CPU; None if the system does not say."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine() or None
