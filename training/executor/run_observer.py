"""Who is told of what happens to runs."""

from __future__ import annotations

from typing import Protocol

from ..job import Job


class RunObserver(Protocol):
    """Is told of every run that starts, ends an epoch or ends."""

    def started(self, job: Job) -> None:
        """A worker has begun the run."""

    def epoch(self, job: Job, epoch: int, value: float | None) -> None:
        """The run has ended an epoch, counted from 1; `value` is that of its deciding metric."""

    def ended(self, job: Job, status: str, reason: str | None) -> None:
        """The run is done, failed, shared (another command made it), stopped (asked for) or lost.

        Lost is what the machine stopped: its process died, or memory or disk ran out.
        """
