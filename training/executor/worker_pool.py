"""Giving runs to workers, wherever they are."""

from __future__ import annotations

import threading
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, as_completed
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from ...recipes import Blueprint
from ..job import Job
from .failure_reasons import reason_of
from .outcome import Outcome
from .run_observer import RunObserver
from .worker_service import Event


class WorkerDiedError(Exception):
    """A worker ended before it answered; the text says how it ended."""


class Worker(Protocol):
    """A worker: takes one order at a time and answers it."""

    def order(
        self,
        order: Event,
        *,
        on_epoch: Callable[[Event], None] | None = None,
        run_log: Path | None = None,
    ) -> Future[Event]:
        """Sends an order, as `worker_service` takes it, and returns a future of its answer.

        Args:
            order: what to do.
            on_epoch: called from another thread with each event of an epoch's end.
            run_log: file that the worker logs to while it carries out the order.

        Returns:
            A future of the answer, an event. It raises WorkerDiedError if the worker ends without
            an answer.
        """

    def stop(self, fingerprint: str) -> None:
        """Asks to end the run with this fingerprint after its current epoch, if it is under way."""

    def end(self) -> None:
        """Ends the worker, whatever it is doing."""


class WorkerPool(ABC):
    """Gives waiting runs to workers; runs of one blueprint go to the same worker if possible.

    The pool knows no studies. Results are futures, which are done in any order. When the pool is
    closed, runs under way are cancelled; an unfinished run resumes from its saved state when it is
    submitted again.

    Attributes:
        workers: the largest number of workers that train at a time.
        observer: notified of what happens to runs, if it is not None; runs go on if it raises.
    """

    def __init__(self) -> None:
        self.workers = 1
        self.observer: RunObserver | None = None
        self._waiting: list[tuple[Job, Future[Outcome]]] = []
        # Runs that another command was training when it was their turn: they are left for last.
        self._elsewhere: list[tuple[Job, Future[Outcome]]] = []
        self._starting: set[Worker] = set()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._trained_by: dict[str, Worker] = {}
        # A worker keeps its last blueprint compiled: other seeds of it go to the same worker.
        self._last: dict[Worker, tuple[Blueprint, str]] = {}
        self._is_closed = False
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def folder_of(self, data: str) -> Path:
        """Returns the folder of the prepared data of this name, whether they exist yet or not."""

    @abstractmethod
    def _start(self) -> None:
        """Starts a worker and adds it to the idle ones, or to the starting ones until it is."""

    def _is_to_be_repeated(self, job: Job) -> bool:
        """Whether a run whose worker died is given to another worker."""
        return False

    def submit(self, job: Job) -> Future[Outcome]:
        """Queues a run and returns a future of its outcome; it can be cancelled until it begins."""
        future: Future[Outcome] = Future()
        with self._lock:
            self._waiting.append((job, future))
            self._dispatch()
        return future

    def stop(self, job: Job) -> None:
        """Ends a run that is under way, after its current epoch or the next.

        Its outcome is then `stopped`. If the run ends before that, this has no effect.
        """
        with self._lock:
            worker = self._trained_by.get(job.fingerprint)
        if worker is not None:
            worker.stop(job.fingerprint)

    def close(self) -> None:
        """Ends the workers, whatever they are doing, and cancels the waiting runs."""
        with self._lock:
            self._is_closed = True
            for _, future in [*self._waiting, *self._elsewhere]:
                future.cancel()
            workers = [*self._starting, *self._idle, *self._busy]
        for worker in workers:
            worker.end()

    def _answer_of(self, worker: Worker, order: Event) -> Event:
        """Gives an idle worker an order other than a run, and returns its answer.

        Raises:
            WorkerDiedError: if the worker ends without an answer; it is no longer idle then.
        """
        try:
            return worker.order(order).result()
        except WorkerDiedError:
            self._idle.remove(worker)
            raise

    def _dispatch(self) -> None:
        """Gives waiting runs to idle workers, and starts more workers as far as allowed."""
        while not self._is_closed and (self._waiting or self._elsewhere):
            if self._idle:
                self._begin(self._idle.pop())
                continue
            under_way = len(self._starting) + len(self._busy)
            to_begin = len(self._waiting) + len(self._elsewhere)
            if under_way >= self.workers or len(self._starting) >= to_begin:
                return
            try:
                self._start()
            # A machine without room for a process can fail in any way, and so can a cluster.
            except Exception as error:
                if not under_way:
                    self._lose_all(reason_of(error))
                return

    def _begin(self, worker: Worker) -> None:
        # Runs that another command trains are only waited for if nothing else is left to do.
        wait = not self._waiting
        job, future = self._next(worker, self._elsewhere if wait else self._waiting)
        if not future.running() and not future.set_running_or_notify_cancel():
            self._idle.append(worker)
            return
        self._busy.add(worker)
        self._trained_by[job.fingerprint] = worker
        self._last[worker] = (job.blueprint, job.data)
        data = str(self.folder_of(job.data))
        order = {"do": "train", "job": job.to_dict(), "data": data, "wait": wait}
        self._tell(lambda observer: observer.started(job))
        answer = worker.order(
            order,
            on_epoch=lambda event: self._epoch(job, event),
            run_log=job.folder / "log.txt",
        )
        answer.add_done_callback(lambda done: self._ended(worker, job, future, done))

    def _next(
        self, worker: Worker, held: list[tuple[Job, Future[Outcome]]]
    ) -> tuple[Job, Future[Outcome]]:
        others = [kept for other, kept in self._last.items() if other is not worker]
        last = self._last.get(worker)
        same = [entry for entry in held if (entry[0].blueprint, entry[0].data) == last]
        free = [entry for entry in held if (entry[0].blueprint, entry[0].data) not in others]
        chosen = (same or free or held)[0]
        held.remove(chosen)
        return chosen

    def _epoch(self, job: Job, event: Event) -> None:
        self._tell(lambda observer: observer.epoch(job, event["epoch"], event["value"]))

    def _ended(
        self, worker: Worker, job: Job, future: Future[Outcome], answer: Future[Event]
    ) -> None:
        error = answer.exception()
        event = answer.result() if error is None else None
        outcome: Outcome | None = None
        with self._lock:
            self._busy.discard(worker)
            self._trained_by.pop(job.fingerprint, None)
            if event is None:
                self._last.pop(worker, None)
            elif event.get("is_spent"):
                self._last.pop(worker, None)
                worker.end()  # before the next worker is started, which needs its memory
            else:
                self._idle.append(worker)
            if self._is_closed:
                future.set_result(Outcome("cancelled"))
                return
            if event is None and self._is_to_be_repeated(job):
                self._waiting.insert(0, (job, future))
            elif event is None:
                outcome = Outcome("lost", str(error))
            elif event["status"] == "busy":
                self._elsewhere.append((job, future))
            else:
                outcome = Outcome(event["status"], event["reason"])
            self._dispatch()
        if outcome is not None:
            self._end_run(job, future, outcome)

    def _lose_all(self, reason: str) -> None:
        """Ends all waiting runs as lost: there is no worker, and none can be started."""
        waiting = [*self._waiting, *self._elsewhere]
        self._waiting.clear()
        self._elsewhere.clear()
        for job, future in waiting:
            self._lose(job, future, reason)

    def _lose(self, job: Job, future: Future[Outcome], reason: str) -> None:
        """Ends a run that no worker has as lost, unless it was cancelled."""
        if future.running() or future.set_running_or_notify_cancel():
            self._tell(lambda observer: observer.started(job))
            self._end_run(job, future, Outcome("lost", reason))

    def _end_run(self, job: Job, future: Future[Outcome], outcome: Outcome) -> None:
        try:
            self._tell(lambda observer: observer.ended(job, outcome.status, outcome.reason))
        finally:
            # Otherwise somebody may wait for it forever.
            future.set_result(outcome)

    def _tell(self, tell: Callable[[RunObserver], None]) -> None:
        """Notifies the observer; if it raises, as on a full disk, runs and workers go on."""
        if self.observer is None:
            return
        try:
            tell(self.observer)
        except SystemExit:
            pass  # Raised by Rich if nobody reads the pipe that it prints to any more.
        except Exception as error:
            # Warnings may go to the same disk.
            with suppress(OSError, SystemExit):
                warnings.warn(
                    f"the progress of runs could not be shown ({reason_of(error)}); they go on",
                    stacklevel=2,
                )


def outcomes(pool: WorkerPool, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
    """Submits the jobs and yields each one with its outcome when it ends."""
    futures = {pool.submit(job): job for job in jobs}
    for future in as_completed(futures):
        yield futures[future], future.result()
