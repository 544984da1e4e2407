"""Until when a search begins trials."""

from __future__ import annotations

import time


class TimeLimit:
    """Says whether there is time for one more run, from how long runs took so far.

    Args:
        minutes: time for all trials; None is no limit.
        spent: seconds that earlier commands have taken.
        expected: seconds that a run is expected to take, until one has ended.
        is_over: whether the time was over for an earlier command.
    """

    def __init__(
        self, minutes: float | None, spent: float, expected: float, *, is_over: bool = False
    ) -> None:
        self._minutes, self._began = minutes, time.monotonic() - spent
        self._expected, self._is_over = expected, is_over
        self._taken: list[float] = []

    @property
    def spent(self) -> float:
        """Seconds that the search has taken."""
        return time.monotonic() - self._began

    @property
    def seconds_left(self) -> float | None:
        """Seconds that are left of the time given; None if there is no limit."""
        if self._minutes is None:
            return None
        return 60 * self._minutes - self.spent

    def learn(self, seconds: float, *, is_whole: bool) -> None:
        """Takes into account how long a run took; runs that were given up do not count."""
        if is_whole:
            self._taken.append(seconds)

    def leaves_room(self) -> bool:
        """Whether a run that begins now is expected to end in time."""
        left = self.seconds_left
        if left is None:
            return True
        if self._is_over:
            return False
        mean = sum(self._taken) / len(self._taken) if self._taken else self._expected
        return mean <= left
