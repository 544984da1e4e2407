"""The name of the CPU; without Keras, so that a parent process can ask for it too."""

from __future__ import annotations

import platform
from pathlib import Path


def cpu_model() -> str | None:
    """Returns what the CPU calls itself; None where the system does not tell."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine() or None
