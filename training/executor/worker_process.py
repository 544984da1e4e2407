"""A worker process, as the parent sees it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from pathlib import Path

from ..keras_settings import KerasSettings
from .gpus import VISIBLE
from .kept_memory import memory_settings
from .threads import thread_settings
from .worker_pool import WorkerDiedError
from .worker_service import Event


def worker_command() -> list[str]:
    """Returns the command that starts a worker, without its arguments."""
    # Without -P, the current folder would come before installed packages.
    return [sys.executable, "-P", "-m", "trickbook.training.executor.worker_main"]


class WorkerProcess:
    """One worker process: takes one order at a time and answers it.

    Args:
        log: file for its standard error between runs. The process's temporary files go to the
            file's folder, and stay there if the process is killed.
        settings: settings of Keras in the process.
        gpu: the only GPU that it sees, as CUDA_VISIBLE_DEVICES names it; None: all that we see.
    """

    def __init__(self, log: Path, settings: KerasSettings, gpu: str | None = None) -> None:
        self._log = log
        self._run_log: Path | None = None
        self._answer: Future[Event] | None = None
        self._on_epoch: Callable[[Event], None] | None = None
        # Guards the answer if an order is given to a process that has just ended.
        self._lock = threading.Lock()
        # Runs may be stopped from another thread than the one that gives orders.
        self._sending = threading.Lock()
        self._has_ended = False
        with log.open("wb") as standard_error:
            self._process = subprocess.Popen(
                [*worker_command(), settings.precision, str(settings.threads)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=standard_error,
                env=_environment(settings, gpu, log.parent),
                text=True,
                encoding="utf-8",
                # A library that circumvents our redirection may write anything.
                errors="replace",
                # Ctrl-C in the terminal is for the parent alone, which then ends its workers.
                start_new_session=True,
            )
        threading.Thread(target=self._listen, daemon=True).start()

    def order(
        self,
        order: Event,
        *,
        on_epoch: Callable[[Event], None] | None = None,
        run_log: Path | None = None,
    ) -> Future[Event]:
        """Sends an order and returns a future of its answer, as `Worker` describes."""
        answer: Future[Event] = Future()
        with self._lock:
            self._answer, self._on_epoch, self._run_log = answer, on_epoch, run_log
            if self._has_ended:
                answer.set_exception(WorkerDiedError(self._how_it_ended()))
                return answer
        self._send(order)
        return answer

    def stop(self, fingerprint: str) -> None:
        """Asks to end the run with this fingerprint after its current epoch, if it is under way."""
        self._send({"do": "stop", "fingerprint": fingerprint})

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._close_orders()

    def _send(self, order: Event) -> None:
        assert self._process.stdin is not None
        try:
            with self._sending:
                self._process.stdin.write(json.dumps(order) + "\n")
                self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # The process has ended: the listener notices it and answers.

    def _close_orders(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # There may be an order that it did not live to read.
            self._process.stdin.close()

    def _how_it_ended(self) -> str:
        """Returns in words how the process ended, with the last lines that it wrote."""
        code = self._process.wait()
        # It may have died before it started the run; then the run's log is empty.
        logs = ([self._run_log] if self._run_log else []) + [self._log]
        text = next((text for text in map(_text_of, logs) if text.strip()), "")
        last = " | ".join(text.strip().splitlines()[-3:])
        tail = f" Its last words: {last}" if last else ""
        if code == -signal.SIGKILL:
            return (
                "its process was killed, as happens when memory runs out: lower --jobs, "
                f"--batch-size, --width or, for pictures in a folder, --image-size.{tail}"
            )
        cause = f"signal {-code}" if code < 0 else f"exit status {code}"
        return f"its process ended with {cause}.{tail}"

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                # From a library that circumvents our redirection, or cut off when the process died.
                continue
            if isinstance(event, dict) and "event" in event:
                self._hear(event)
        self._process.stdout.close()
        with self._lock:
            self._has_ended = True
            answer, self._answer = self._answer, None
        if answer is not None:
            _settle(answer, WorkerDiedError(self._how_it_ended()))

    def _hear(self, event: Event) -> None:
        if event["event"] == "epoch":
            if self._on_epoch:
                self._on_epoch(event)
            return
        with self._lock:
            answer, self._answer = self._answer, None
        if answer is not None:
            _settle(answer, event)


def _text_of(log: Path) -> str:
    try:
        return log.read_text(errors="replace")
    except FileNotFoundError:  # After a Ctrl-C the folder may be gone before the last process is.
        return ""


def _settle(answer: Future[Event], result: Event | WorkerDiedError) -> None:
    try:
        if isinstance(result, WorkerDiedError):
            answer.set_exception(result)
        else:
            answer.set_result(result)
    except InvalidStateError:
        pass  # Nobody waits for the answer any more.


def _environment(settings: KerasSettings, gpu: str | None, temporary: Path) -> dict[str, str]:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "2"}
    # A user's recipe may lie beside a script, wherever that was started. Python ignores entries
    # that are not text.
    places = [place for place in sys.path if isinstance(place, str)]
    path = os.pathsep.join(place or str(Path.cwd()) for place in places)
    return {
        **quiet,
        **os.environ,
        **({} if gpu is None else {VISIBLE: gpu}),
        **thread_settings(settings.threads),
        **memory_settings(),
        "KERAS_BACKEND": settings.backend,
        "PYTHONPATH": path,
        # TensorFlow leaves a file there for each function that it translates, until it ends.
        "TMPDIR": str(temporary.absolute()),
    }
