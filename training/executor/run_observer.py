"""The interface of an observer that is told what happens to runs."""

from __future__ import annotations

from typing import Protocol

from ..job import Job


class RunObserver(Protocol):
    """Is notified when a run starts, finishes an epoch or ends."""

    def started(self, job: Job) -> None:
        """A worker has started the run."""

    def epoch(self, job: Job, epoch: int, value: float | None) -> None:
        """The run has finished an epoch, counted from 1; `value` is its deciding metric."""

    def ended(self, job: Job, status: str, reason: str | None) -> None:
        """The run is done, failed, shared, stopped or lost.

        Shared: another command trained it. Stopped: that was requested. Lost: the machine stopped
        it, because its process died or memory or disk ran out.
        """
