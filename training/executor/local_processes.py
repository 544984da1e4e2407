"""Training runs on worker processes of this machine."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any

from ...data import DataError, DataSpec
from ...recipes import Blueprint
from ..errors import LadderError
from ..job import WHOLE, Job
from ..keras_settings import KerasSettings
from .outcome import Outcome
from .run_observer import RunObserver
from .worker_process import Event, WorkerDiedError, WorkerProcess


class LocalProcesses:
    """An executor of worker processes, and what else they do for a study; leaves none behind.

    Args:
        scratch: folder for the prepared data and the workers' own logs.
        settings: what Keras runs with in them.

    Attributes:
        workers: at most so many processes train at a time.
        observer: is told what happens to runs, if it is not None.
    """

    def __init__(self, scratch: Path, settings: KerasSettings) -> None:
        self.workers = 1
        self.observer: RunObserver | None = None
        self._scratch = scratch
        self._settings = settings
        self._waiting: list[tuple[Job, Future[Outcome]]] = []
        # Runs that another command was training when we came to them: they are left for last.
        self._elsewhere: list[tuple[Job, Future[Outcome]]] = []
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        # A worker's last blueprint and data are compiled there: other seeds go to the same worker.
        self._last: dict[WorkerProcess, tuple[Blueprint, str]] = {}
        self._started = 0
        self._is_closed = False
        self._lock = threading.RLock()

    def __enter__(self) -> LocalProcesses:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def data_folder(self) -> Path:
        """Where the prepared data lie."""
        return self.folder_of(WHOLE)

    def folder_of(self, data: str) -> Path:
        """Returns where prepared data of that name lie, or are to be put."""
        return self._scratch / data

    def prepare(self, spec: DataSpec, name: str = WHOLE) -> dict[str, Any]:
        """Loads, checks, splits and saves the data; returns their summary.

        Args:
            spec: which data.
            name: of the prepared data.

        Raises:
            DataError: for what is wrong with the data.
        """
        order = {"do": "prepare", "spec": spec.to_dict(), "folder": str(self.folder_of(name))}
        event = self._ask(order)
        if event["event"] == "refused":
            raise DataError(event["message"])
        summary: dict[str, Any] = event["data"]
        return summary

    def hash_weights(self, blueprint: Blueprint, name: str) -> str:
        """Returns the sha256 of a backbone's weights, which Keras downloads if they are not here.

        Args:
            blueprint: with a backbone of keras.applications.
            name: of the rung, for the message.

        Raises:
            LadderError: if they cannot be had; the text says how to get them.
        """
        event = self._ask({"do": "hash_weights", "blueprint": blueprint.to_dict()})
        if event["event"] == "refused":
            raise LadderError(f"{name} cannot be trained: {event['message']}")
        return str(event["sha256"])

    def check(self, blueprint: Blueprint, name: str) -> list[str]:
        """Builds what the blueprint describes, once, without training it.

        Args:
            blueprint: what to build.
            name: of the rung, for the message.

        Returns:
            What is to be said before it is trained, a text each.

        Raises:
            LadderError: if it cannot be built; the text says why.
        """
        event = self._ask({"do": "check", **self._of(blueprint)})
        if event["event"] == "refused":
            raise LadderError(f"{name} cannot be trained: {event['message']}")
        return list(event["notes"])

    def seconds_per_step(self, blueprint: Blueprint) -> float:
        """Returns the measured wall time of a training step of the blueprint."""
        event = self._ask({"do": "measure", **self._of(blueprint)})
        if event["event"] == "refused":
            raise LadderError(f"The baseline cannot be trained: {event['message']}")
        return float(event["seconds_per_step"])

    def submit(self, job: Job) -> Future[Outcome]:
        """Takes a run; its future has the outcome, and can be cancelled until it is begun."""
        future: Future[Outcome] = Future()
        with self._lock:
            self._waiting.append((job, future))
            self._dispatch()
        return future

    def close(self) -> None:
        """Ends the processes, whatever they are at, and cancels what waits."""
        with self._lock:
            self._is_closed = True
            for _, future in [*self._waiting, *self._elsewhere]:
                future.cancel()
            workers = [*self._idle, *self._busy]
        for worker in workers:
            worker.end()

    def _of(self, blueprint: Blueprint) -> Event:
        return {"blueprint": blueprint.to_dict(), "data": str(self.data_folder)}

    def _ask(self, order: Event) -> Event:
        """Gives a worker an order outside of the runs and returns its answer."""
        worker = self._idle[0] if self._idle else self._start()
        try:
            return worker.order(order).result()
        except WorkerDiedError as error:
            self._idle.remove(worker)
            raise LadderError(f"A worker could not go on: {error}") from error

    def _start(self) -> WorkerProcess:
        self._started += 1
        worker = WorkerProcess(self._scratch / f"worker-{self._started}.txt", self._settings)
        self._idle.append(worker)
        return worker

    def _dispatch(self) -> None:
        """Gives waiting runs to idle workers, and starts workers while there may be more."""
        while not self._is_closed and (self._waiting or self._elsewhere):
            if not self._idle:
                if len(self._busy) >= self.workers:
                    return
                self._start()
            self._begin(self._idle.pop())

    def _begin(self, worker: WorkerProcess) -> None:
        # What another command trains is waited for only when nothing else is left to do.
        wait = not self._waiting
        job, future = self._next(worker, self._elsewhere if wait else self._waiting)
        if not future.running() and not future.set_running_or_notify_cancel():
            self._idle.append(worker)
            return
        self._busy.add(worker)
        self._last[worker] = (job.blueprint, job.data)
        data = str(self.folder_of(job.data))
        order = {"do": "train", "job": job.to_dict(), "data": data, "wait": wait}
        if self.observer:
            self.observer.started(job)
        answer = worker.order(
            order,
            on_epoch=lambda event: self._epoch(job, event),
            run_log=job.folder / "log.txt",
        )
        answer.add_done_callback(lambda done: self._ended(worker, job, future, done))

    def _next(
        self, worker: WorkerProcess, held: list[tuple[Job, Future[Outcome]]]
    ) -> tuple[Job, Future[Outcome]]:
        others = [kept for other, kept in self._last.items() if other is not worker]
        last = self._last.get(worker)
        same = [entry for entry in held if (entry[0].blueprint, entry[0].data) == last]
        free = [entry for entry in held if (entry[0].blueprint, entry[0].data) not in others]
        chosen = (same or free or held)[0]
        held.remove(chosen)
        return chosen

    def _epoch(self, job: Job, event: Event) -> None:
        if self.observer:
            self.observer.epoch(job, event["epoch"], event["value"])

    def _ended(
        self, worker: WorkerProcess, job: Job, future: Future[Outcome], answer: Future[Event]
    ) -> None:
        error = answer.exception()
        with self._lock:
            self._busy.discard(worker)
            if error is None:
                self._idle.append(worker)
            else:
                self._last.pop(worker, None)
            if self._is_closed:
                future.set_result(Outcome("cancelled"))
                return
            if error is None and answer.result()["status"] == "busy":
                self._elsewhere.append((job, future))
                self._dispatch()
                return
            outcome = (
                Outcome(answer.result()["status"], answer.result()["reason"])
                if error is None
                else Outcome("lost", str(error))
            )
            self._dispatch()
        if self.observer:
            self.observer.ended(job, outcome.status, outcome.reason)
        future.set_result(outcome)
