"""Worker processes that need not import TensorFlow: they are forks of one that has.

An import costs each worker some six seconds of a core. Python's fork server pays them once; what it
forks has computed nothing yet, takes the environment of the worker that it stands for, and ends
when that does. Commands in processes of their own start workers as users do.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest

from trickbook.training.executor import worker_process

PRELOADED = ["trickbook.training.trainer", "trickbook.training.executor.worker_main"]
WORKER = worker_process.worker_command()


class ForkedWorker:
    """As `subprocess.Popen` of a worker, as far as `WorkerProcess` uses it."""

    def __init__(self, arguments: list[str], stderr: IO[bytes], env: dict[str, str]) -> None:
        orders, self_orders = os.pipe()
        self_answers, answers = os.pipe()
        channels = [Connection(fd) for fd in (orders, answers, os.dup(stderr.fileno()))]
        self._process = _fork_server(env).Process(
            target=_work, args=(arguments, channels, env, Path.cwd()), daemon=True
        )
        self._process.start()
        for channel in channels:
            channel.close()
        self.stdin, self.stdout = os.fdopen(self_orders, "w"), os.fdopen(self_answers)
        # The process's end can be read once, and both the listener and who kills it wait for it.
        self._lock = threading.Lock()

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        with self._lock:
            self._process.join()
        return self._process.exitcode


@contextmanager
def forked_workers() -> Iterator[None]:
    """Forks the workers that this process starts, meanwhile."""

    def popen(command: list[str], **options: object) -> object:
        if command[: len(WORKER)] != WORKER or options["env"]["KERAS_BACKEND"] != "tensorflow":
            return subprocess.Popen(command, **options)  # a stand-in, or with another import
        return ForkedWorker(command[len(WORKER) :], options["stderr"], options["env"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            worker_process, "subprocess", SimpleNamespace(Popen=popen, PIPE=subprocess.PIPE)
        )
        yield


def exit_code(target: Callable[..., None], *arguments: object) -> int:
    """How a process ended that did nothing but call `target`."""
    process = _fork_server(dict(os.environ)).Process(target=target, args=arguments)
    process.start()
    process.join()
    return process.exitcode


def _fork_server(env: dict[str, str]) -> multiprocessing.context.BaseContext:
    """Starts it, the first time, in a worker's environment: what it imports reads that."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        multiprocessing.forkserver.ensure_running()
    return context


def _work(
    arguments: list[str], channels: list[Connection], env: dict[str, str], directory: Path
) -> None:
    """Serves as a worker does that is started in that directory."""
    from trickbook.training.executor.worker_main import main

    os.setsid()
    for number, channel in enumerate(channels):
        os.dup2(channel.fileno(), number)
        channel.close()
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # The fork server's own; this worker's is in its environment.
    os.chdir(directory)
    sys.path.append(str(directory))
    sys.stdin = os.fdopen(0, closefd=False)  # that of the fork server is closed
    sys.argv = [WORKER[-1], *arguments]
    main()
