"""A connection to a Ray cluster."""

from __future__ import annotations

import importlib.util
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import joblib

from ..errors import LadderError
from .failure_reasons import in_one_line
from .ray_address import HERE, check_address, check_it_answers, started_here

# Read when Ray is imported: no usage statistics are sent, and what Ray's processes print goes to
# their own logs, not between our lines.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}
# The head node starts a process for each client. On a busy machine that may fail, or the process
# may end at once, while the next attempt succeeds. Only these words in Ray's errors tell.
_NO_PROCESS = ("Starting Ray client server failed", "psutil.ZombieProcess")
_TRIES = 3


class RaySession:
    """A connection to a cluster; a connection that this process already has is used and kept.

    Args:
        on: "ray" for the cluster that runs on this machine, or a new one if none does; or an
            address as `ray_address` takes it.

    Raises:
        LadderError: if Ray is not installed, no cluster answers, or it has another version.
    """

    def __init__(self, on: str) -> None:
        check_address(on)
        if importlib.util.find_spec("ray") is None:
            raise LadderError("on (--on) needs Ray. Install it: pip install 'ray[client]'")
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        import ray

        self.place = "this machine" if on == HERE else on
        self._is_ours = not ray.is_initialized()
        if self._is_ours:
            _connect(on)

    def close(self) -> None:
        """Ends the connection, and a cluster that was started for it."""
        import ray

        if self._is_ours:
            self._is_ours = False
            ray.shutdown()


def _connect(on: str) -> None:
    import ray

    address = started_here() if on == HERE else on
    if address is not None:
        check_it_answers(address)
    cluster = (
        {"address": "local", "num_cpus": joblib.cpu_count(), "include_dashboard": False}
        if address is None
        else {"address": address}
    )
    for left in reversed(range(_TRIES)):
        try:
            with _same_sigterm():
                ray.init(**cluster, log_to_driver=False, logging_level=logging.ERROR)
            return
        # Errors of Ray's own, gRPC's, and built-in ones of many kinds.
        except Exception as error:
            ray.shutdown()  # ends what was begun
            if left and any(words in str(error) for words in _NO_PROCESS):
                continue
            raise LadderError(f"Ray at {on} cannot be used: {in_one_line(str(error))}") from error


@contextmanager
def _same_sigterm() -> Iterator[None]:
    """Restores the command's own handler of SIGTERM, which Ray replaces."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
