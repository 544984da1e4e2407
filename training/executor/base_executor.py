"""What trains runs, wherever it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, as_completed
from typing import Protocol

from ..job import Job
from .outcome import Outcome


class Executor(Protocol):
    """Trains runs; it knows no study. Results come as futures, in whatever order they end.

    What is under way when an executor is closed is cancelled: an unfinished run goes on, where it
    was saved, when it is submitted again.
    """

    def submit(self, job: Job) -> Future[Outcome]:
        """Takes a run; its future has the outcome, and can be cancelled until it is begun."""

    def close(self) -> None:
        """Ends what is under way and cancels what waits."""


def outcomes(executor: Executor, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
    """Submits the jobs and yields each with its outcome, as they end."""
    futures = {executor.submit(job): job for job in jobs}
    for future in as_completed(futures):
        yield futures[future], future.result()
