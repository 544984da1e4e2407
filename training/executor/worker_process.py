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
    """Returns what starts a worker, but for its arguments."""
    # With -P, or the current folder would come before all that is installed.
    return [sys.executable, "-P", "-m", "trickbook.training.executor.worker_main"]


class WorkerProcess:
    """One worker process: takes an order at a time and answers it.

    Args:
        log: file that its standard error goes to while it is between runs. Into its folder go the
            process's temporary files too, which stay there when it is killed.
        settings: what Keras runs with in it.
        gpu: the only one that it sees, as CUDA_VISIBLE_DEVICES names it; None: all that we see.
    """

    def __init__(self, log: Path, settings: KerasSettings, gpu: str | None = None) -> None:
        self._log = log
        self._run_log: Path | None = None
        self._answer: Future[Event] | None = None
        self._on_epoch: Callable[[Event], None] | None = None
        # Guards the answer against an order to a process that has just ended.
        self._lock = threading.Lock()
        # A run is stopped from another thread than the one that gives orders.
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
                # A library that writes past our redirection may write anything.
                errors="replace",
                # A Ctrl-C in the terminal is for the parent, which then ends its workers.
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
        """Sends an order; its answer, an event, comes as a future, as `Worker` says."""
        answer: Future[Event] = Future()
        with self._lock:
            self._answer, self._on_epoch, self._run_log = answer, on_epoch, run_log
            if self._has_ended:
                answer.set_exception(WorkerDiedError(self._how_it_ended()))
                return answer
        self._send(order)
        return answer

    def stop(self, fingerprint: str) -> None:
        """Asks for the end of that run, if it is the one that is trained, after its epoch."""
        self._send({"do": "stop", "fingerprint": fingerprint})

    def end(self) -> None:
        """Ends the process, whatever it is at."""
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
            pass  # It has ended: the listener notices, and answers.

    def _close_orders(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # by an order that it did not live to read
            self._process.stdin.close()

    def _how_it_ended(self) -> str:
        """Returns in words how the process ended, with the last lines that it wrote."""
        code = self._process.wait()
        # It may have died before it came to the run, whose log then says nothing.
        logs = ([self._run_log] if self._run_log else []) + [self._log]
        texts = [log.read_text(errors="replace") for log in logs if log.is_file()]
        text = next((text for text in texts if text.strip()), "")
        last = " | ".join(text.strip().splitlines()[-3:])
        tail = f" Its last words: {last}" if last else ""
        if code == -signal.SIGKILL:
            return (
                "its process was killed, as happens when memory runs out: lower --jobs, "
                f"--batch-size, --width or, of pictures in a folder, --image-size.{tail}"
            )
        cause = f"signal {-code}" if code < 0 else f"exit status {code}"
        return f"its process ended with {cause}.{tail}"

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                # A library that writes past our redirection, or a line cut by the process's death.
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


def _settle(answer: Future[Event], result: Event | WorkerDiedError) -> None:
    try:
        if isinstance(result, WorkerDiedError):
            answer.set_exception(result)
        else:
            answer.set_result(result)
    except InvalidStateError:
        pass  # Nobody waits for it any more.


def _environment(settings: KerasSettings, gpu: str | None, temporary: Path) -> dict[str, str]:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "2"}
    # A recipe of the user's own may lie beside a script, wherever it was started.
    # What is no text there Python passes over.
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
        # TensorFlow leaves a file there of each function that it translates, for its own end.
        "TMPDIR": str(temporary.absolute()),
    }
