"""`DrawingPace`: how often something costly may be done while a model trains."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 0.015
"""Share of the training time so far that all drawings but the first may take: 2 % together with the
rest of what a recorder does."""
SECOND_SECONDS = 0.5
"""The expected cost of the second drawing: the first is no guide, as it imports matplotlib and
pandas."""
FIRST_EPOCHS = 2
"""The first drawing comes as soon as there are lines to see, whatever it costs."""


class DrawingPace:
    """Says when to draw: after the second epoch, then as often as a share of the time allows.

    Args:
        seconds: Draw again when this many seconds have passed since the last drawing, whatever that
            costs. None: rarely enough for drawings to stay below their share of the time.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = seconds
        self._began = time.perf_counter()
        self._drawings = 0
        self._last_end = self._began
        self._spent = 0.0
        self._next = SECOND_SECONDS

    def is_due(self, epochs: int) -> bool:
        """Whether to draw now that this many epochs are recorded."""
        if self._drawings == 0:
            return epochs >= FIRST_EPOCHS
        now = time.perf_counter()
        if self._seconds is not None:
            return now - self._last_end >= self._seconds
        return self._spent + self._next <= SHARE * (now - self._began)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the time spent in this context as a drawing."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._last_end = time.perf_counter()
            if self._drawings:
                self._next = self._last_end - began
                self._spent += self._next
            self._drawings += 1
