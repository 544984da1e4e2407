"""A worker's memory settings, for a benchmark that trains in its own process."""

from __future__ import annotations

import os
import sys

from trickbook.training.executor.kept_memory import memory_settings


def start_as_worker() -> None:
    """Starts the script anew with a worker's memory settings, which only count from the start."""
    settings = memory_settings()
    if any(name not in os.environ for name in settings):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **settings})
