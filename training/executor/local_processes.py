"""Running a list of jobs on worker processes."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from ...data import DataError, DataSpec
from ..errors import LadderError
from ..job import Job
from ..keras_settings import KerasSettings
from .run_observer import RunObserver
from .worker_process import Worker


class Runner:
    """Worker processes and what they are told; a context manager that leaves none behind.

    Args:
        scratch: folder for the prepared data and the workers' own logs.
        settings: what Keras runs with in them.
    """

    def __init__(self, scratch: Path, settings: KerasSettings) -> None:
        self._scratch = scratch
        self._settings = settings
        self._events: queue.SimpleQueue[tuple[Worker, Any]] = queue.SimpleQueue()
        self._workers: list[Worker] = []
        self._started = 0

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.end()

    def prepare(self, spec: DataSpec) -> dict[str, Any]:
        """Loads, checks, splits and saves the data; returns their summary.

        Raises:
            DataError: for what is wrong with the data.
        """
        order = {"do": "prepare", "spec": spec.to_dict(), "folder": str(self.data_folder)}
        event = self._ask(order)
        if event["event"] == "refused":
            raise DataError(event["message"])
        summary: dict[str, Any] = event["data"]
        return summary

    def seconds_per_step(self, blueprint: dict[str, Any]) -> float:
        """Returns the measured wall time of a training step of the blueprint."""
        order = {"do": "measure", "blueprint": blueprint, "data": str(self.data_folder)}
        event = self._ask(order)
        if event["event"] == "refused":
            raise LadderError(f"The baseline cannot be trained: {event['message']}")
        return float(event["seconds_per_step"])

    @property
    def data_folder(self) -> Path:
        """Where the prepared data lie."""
        return self._scratch / "data"

    def run(self, jobs: Sequence[Job], workers: int, observer: RunObserver) -> dict[str, str]:
        """Trains the jobs on at most so many workers at a time, and tells the observer of it.

        Returns:
            Why runs were lost, by the names of their folders: their process died, or memory or disk
            ran out. They are not finished, and the same command trains them again.
        """
        waiting, lost = list(jobs), {}
        while len(self._workers) < min(workers, len(waiting)):
            self._start()
        # A worker's last blueprint is compiled there: its other seeds go to the same worker.
        last: dict[Worker, Any] = {}
        for worker in list(self._workers):
            self._next(worker, waiting, last, observer)
        while any(worker.job for worker in self._workers):
            worker, event = self._events.get()
            job = worker.job
            if event is None:
                self._workers.remove(worker)
                if job is None:
                    continue
                lost[job.folder.name] = worker.how_it_ended()
                observer.ended(job, "lost", lost[job.folder.name])
                if waiting:
                    self._next(self._start(), waiting, last, observer)
            elif event["event"] == "epoch":
                assert job is not None
                observer.epoch(job, event["epoch"], event["value"])
            else:
                assert job is not None
                if event["status"] == "lost":
                    lost[job.folder.name] = event["reason"]
                observer.ended(job, event["status"], event["reason"])
                self._next(worker, waiting, last, observer)
        return lost

    def _next(
        self, worker: Worker, waiting: list[Job], last: dict[Worker, Any], observer: RunObserver
    ) -> None:
        worker.job = None
        if not waiting:
            return
        elsewhere = [kept for other, kept in last.items() if other is not worker]
        same = [job for job in waiting if job.blueprint == last.get(worker)]
        free = [job for job in waiting if job.blueprint not in elsewhere]
        job = (same or free or waiting)[0]
        waiting.remove(job)
        worker.job = job
        last[worker] = job.blueprint
        worker.order({"do": "train", "job": job.to_dict(), "data": str(self.data_folder)})
        observer.started(job)

    def _start(self) -> Worker:
        self._started += 1
        log = self._scratch / f"worker-{self._started}.txt"
        worker = Worker(log, self._settings, self._events)
        self._workers.append(worker)
        return worker

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Gives the first worker an order outside of the runs and returns its answer."""
        worker = self._workers[0] if self._workers else self._start()
        worker.order(order)
        sender, event = self._events.get()
        if event is None:
            self._workers.remove(sender)
            raise LadderError(f"A worker could not go on: {sender.how_it_ended()}")
        answer: dict[str, Any] = event
        return answer
