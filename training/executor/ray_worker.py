"""An actor on a Ray cluster, as the driver sees it."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...runs.lock import FolderIsHeldError, locked
from ...runs.run_file import FINISHED, SAVED, read_status
from ..job import Job
from .failure_reasons import in_one_line, reason_of
from .returned_files import write_files
from .worker_pool import WorkerDiedError
from .worker_service import Event, ended

_Task = tuple[Event, Callable[[Event], None] | None, Future[Event]]


class RayWorker:
    """One actor: takes one order at a time and answers it.

    A thread waits for the actor's events. If run folders are not shared, the thread holds the lock
    of the run's folder in the meantime, as a worker process does, and writes the files that it
    receives there.

    Args:
        actor: handle of a `RayActor`.
        data_of: returns a reference to the prepared data of a name, in the object store.
        shared: whether the actor writes run folders itself.
        begin: called first, in the thread, to check that the actor exists and fits; if it raises,
            `ready` is called with the error.
        ready: called with this worker and None once it takes orders, or with the error if it never
            will.
    """

    def __init__(
        self,
        actor: Any,
        data_of: Callable[[str], Any],
        *,
        shared: bool,
        begin: Callable[[Any], None],
        ready: Callable[[RayWorker, WorkerDiedError | None], None],
    ) -> None:
        self._actor, self._data_of, self._shared = actor, data_of, shared
        self._begin, self._ready = begin, ready
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        """Starts waiting for the actor, which may take until a node has room."""
        self._thread.start()

    def order(
        self,
        order: Event,
        *,
        on_epoch: Callable[[Event], None] | None = None,
        run_log: Path | None = None,
    ) -> Future[Event]:
        """Sends an order and returns a future of its answer, as `Worker` describes."""
        answer: Future[Event] = Future()
        self._tasks.put((order, on_epoch, answer))
        return answer

    def stop(self, fingerprint: str) -> None:
        """Asks to end the run with this fingerprint after its current epoch, if it is under way."""
        with suppress(WorkerDiedError):  # The thread that waits for events notices it too.
            self._asked(lambda: self._actor.stop.remote(fingerprint))

    def end(self) -> None:
        """Ends the actor, whatever it is doing."""
        import ray

        self._tasks.put(None)
        # The cluster may be gone.
        with suppress(Exception):
            ray.kill(self._actor)

    def join(self, seconds: float) -> None:
        """Waits until the thread has noticed the end, at most this many seconds."""
        self._thread.join(seconds)

    def _serve(self) -> None:
        try:
            self._asked(lambda: self._begin(self._actor))
        except WorkerDiedError as error:
            self.end()
            self._ready(self, error)
            return
        self._ready(self, None)
        while (task := self._tasks.get()) is not None:
            order, on_epoch, answer = task
            try:
                event = self._carry_out(order, on_epoch)
            # Whatever was raised, somebody is waiting for the answer.
            except Exception as error:
                self.end()
                is_told = isinstance(error, WorkerDiedError)
                answer.set_exception(error if is_told else WorkerDiedError(reason_of(error)))
                return
            answer.set_result(event)

    def _carry_out(self, order: Event, on_epoch: Callable[[Event], None] | None) -> Event:
        if order["do"] != "train":
            return self._answer(order, on_epoch, None)
        job = Job.from_dict(order["job"])
        try:
            if not self._shared:
                return self._train_held(job, order, on_epoch)
            # By the resolved path, which the nodes were checked for: links may exist here alone.
            job = replace(job, folder=job.folder.resolve())
            return self._answer({**order, "job": job.to_dict()}, on_epoch, None)
        except FolderIsHeldError:
            # Another command is training this run; there may be others to train in the meantime.
            return ended("busy")
        except WorkerDiedError:
            raise
        # For example a full disk, or Ray's own error if the object store has no room for the data.
        except Exception as error:
            return ended("lost", reason_of(error))

    def _train_held(
        self, job: Job, order: Event, on_epoch: Callable[[Event], None] | None
    ) -> Event:
        with locked(job.folder, wait=order["wait"]):
            if read_status(job.folder, job.fingerprint, tested=job.read_test) in FINISHED:
                return ended("shared")
            event = self._answer(order, on_epoch, job.folder)
            if event["status"] in FINISHED:
                # The state that an earlier command on this machine had saved.
                shutil.rmtree(job.folder / SAVED, ignore_errors=True)
            return event

    def _answer(
        self, order: Event, on_epoch: Callable[[Event], None] | None, folder: Path | None
    ) -> Event:
        """Gives the actor an order and returns its answer; files in events go to the folder."""
        data = {order["data"]: self._data_of(order["data"])}
        self._asked(lambda: self._actor.order.remote(order, data))
        while True:
            for event in self._asked(self._actor.hear.remote):
                files = event.pop("files", {})
                if event["event"] == "died":
                    raise WorkerDiedError(event["reason"])
                if event["event"] != "epoch":
                    if folder is not None:
                        write_files(folder, files)
                    return dict(event)
                if folder is not None:
                    # For those who watch the run: only the files of the last event are needed.
                    with suppress(OSError):
                        write_files(folder, files)
                if on_epoch:
                    on_epoch(event)

    def _asked(self, call: Callable[[], Any]) -> Any:
        """Returns the actor's answer to a call.

        Raises:
            WorkerDiedError: if the actor, its node or the whole cluster is gone.
        """
        import ray

        try:
            answer = call()
            return answer if answer is None else ray.get(answer)
        except WorkerDiedError:
            raise
        # Ray's own errors; if a client's connection is gone, also built-in errors of many kinds.
        except Exception as error:
            raise WorkerDiedError(f"its actor is gone: {in_one_line(str(error))}") from error
