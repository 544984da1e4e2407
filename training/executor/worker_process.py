"""The worker processes, as the parent sees them."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from ..job import Job
from ..keras_settings import KerasSettings

# Memory of a worker besides the data: Python, the backend, a network of ordinary size.
WORKER_BYTES = 1.2e9


class Worker:
    """One worker process: takes orders, sends events.

    Args:
        log: file that its standard error goes to while it is between runs.
        settings: what Keras runs with in it.
        events: where its events go, as (worker, event); event None means that it has ended.
    """

    def __init__(
        self, log: Path, settings: KerasSettings, events: queue.SimpleQueue[tuple[Worker, Any]]
    ) -> None:
        self.job: Job | None = None
        self._log = log
        with log.open("wb") as standard_error:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "trickbook.training.executor.worker_main",
                    settings.precision,
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=standard_error,
                env=_environment(settings.backend),
                text=True,
                # A Ctrl-C in the terminal is for the parent, which then ends its workers.
                start_new_session=True,
            )
        threading.Thread(target=self._listen, args=(events,), daemon=True).start()

    def order(self, order: dict[str, Any]) -> None:
        """Sends an order; if the process is gone, its event of that is already on the way."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass

    def end(self) -> None:
        """Ends the process, whatever it is at."""
        self._process.kill()
        self._process.wait()

    def how_it_ended(self) -> str:
        """Returns in words how the process ended, with the last lines that it wrote."""
        code = self._process.wait()
        # It may have died before it came to the run, whose log then says nothing.
        logs = ([self.job.folder / "log.txt"] if self.job else []) + [self._log]
        texts = [log.read_text(errors="replace") for log in logs if log.is_file()]
        text = next((text for text in texts if text.strip()), "")
        last = " | ".join(text.strip().splitlines()[-3:])
        tail = f" Its last words: {last}" if last else ""
        if code == -signal.SIGKILL:
            return (
                "its process was killed, as happens when memory runs out: lower --jobs, "
                f"--batch-size or --width.{tail}"
            )
        cause = f"signal {-code}" if code < 0 else f"exit status {code}"
        return f"its process ended with {cause}.{tail}"

    def _listen(self, events: queue.SimpleQueue[tuple[Worker, Any]]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                # A library that writes past our redirection, or a line cut by the process's death.
                continue
            if isinstance(event, dict) and "event" in event:
                events.put((self, event))
        events.put((self, None))


def _environment(backend: str) -> dict[str, str]:
    """Returns an environment of one thread per process.

    Two such processes beat one with two threads, and sums come out in the same order however many
    processes there are.
    """
    one_thread = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"),
        "1",
    )
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "2"}
    # What of these counts for JAX on a CPU.
    xla = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
    # A recipe of the user's own may lie beside a script, wherever it was started.
    path = os.pathsep.join(place for place in sys.path if place)
    return {
        **quiet,
        **os.environ,
        **one_thread,
        "XLA_FLAGS": xla,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": path,
    }


def default_jobs(data_bytes: int) -> int:
    """Returns how many workers to use: one per core that we may use, as far as memory goes.

    On a machine with an NVIDIA GPU it is one, as one process fills it.
    """
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    if Path("/proc/driver/nvidia/version").exists() and not hidden:
        return 1
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    by_memory = int(_available_bytes() // (WORKER_BYTES + 3 * data_bytes))
    return max(1, min(cores, by_memory))


def _available_bytes() -> float:
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
