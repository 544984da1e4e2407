"""What trains runs, wherever it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, as_completed
from pathlib import Path
from typing import Any, Protocol

from ...data import DataSpec
from ...recipes import Blueprint
from ..job import WHOLE, Job
from .outcome import Outcome
from .run_observer import RunObserver


class Executor(Protocol):
    """Trains runs; it knows no study. Results come as futures, in whatever order they end.

    What is under way when an executor is closed is cancelled: an unfinished run goes on, where it
    was saved, when it is submitted again.
    """

    def submit(self, job: Job) -> Future[Outcome]:
        """Takes a run; its future has the outcome, and can be cancelled until it is begun."""

    def stop(self, job: Job) -> None:
        """Ends a run that is under way, after the epoch that it is at or the next.

        Its outcome is then `stopped`. Nothing comes of it where the run ends before.
        """

    def close(self) -> None:
        """Ends what is under way and cancels what waits."""


class StudyExecutor(Executor, Protocol):
    """An executor with all that a study asks of the one that trains it.

    Attributes:
        workers: at most so many train at a time.
        observer: is told what happens to runs, if it is not None.
    """

    workers: int
    observer: RunObserver | None

    @property
    def data_folder(self) -> Path:
        """Where the prepared data lie, in the parent's files."""

    def folder_of(self, data: str) -> Path:
        """Returns where prepared data of that name lie, or are to be put."""

    def prepare(self, spec: DataSpec, name: str = WHOLE) -> dict[str, Any]:
        """Loads, checks, splits and saves the data; returns their summary.

        Args:
            spec: which data.
            name: of the prepared data.

        Raises:
            DataError: for what is wrong with the data.
        """

    def hash_weights(self, blueprint: Blueprint, name: str) -> str:
        """Returns the sha256 of a backbone's weights, which Keras downloads if they are not here.

        Args:
            blueprint: with a backbone of keras.applications.
            name: of the rung, for the message.

        Raises:
            LadderError: if they cannot be had; the text says how to get them.
        """

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

    def seconds_per_step(self, blueprint: Blueprint) -> float:
        """Returns the measured wall time of a training step of the blueprint.

        Raises:
            LadderError: if it cannot be trained.
        """

    def default_workers(self, data_bytes: int) -> int:
        """Returns how many workers there is room for with data of so many bytes, 1 or more."""


def outcomes(executor: Executor, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
    """Submits the jobs and yields each with its outcome, as they end."""
    futures = {executor.submit(job): job for job in jobs}
    for future in as_completed(futures):
        yield futures[future], future.result()
