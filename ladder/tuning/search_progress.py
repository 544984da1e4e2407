"""How far a search is; the costs of its runs are not known beforehand."""

from __future__ import annotations

import time

from ..cli.display import Progress


class SearchProgress(Progress):
    """How far the runs of a search are, and how long it will take.

    Args:
        most: the largest number of runs; None if only time limits them.
        ended: the number of runs that ended under earlier commands.
        seconds: time after which no run is begun; None is no limit.
    """

    def __init__(self, most: int | None, ended: int, seconds: float | None) -> None:
        super().__init__({})
        self._most, self._before, self._seconds = most, ended, seconds

    @property
    def total(self) -> int:
        """Number of runs: all that there will be, or those begun so far."""
        return self._before + len(self._parts) if self._most is None else self._most

    @property
    def ended(self) -> int:
        """Number of runs that have ended."""
        return self._before + sum(part >= 1 for part in self._parts.values())

    def seconds_left(self) -> float | None:
        """Returns the expected seconds to the end; None as long as nothing is known."""
        passed, over = time.monotonic() - self._began, sum(self._parts.values())
        by_clock = None if self._seconds is None else max(0.0, self._seconds - passed)
        if self._most is None or over <= 0:
            return by_clock
        by_runs = passed * max(0.0, self._most - self._before - over) / over
        return by_runs if by_clock is None else min(by_runs, by_clock)
