"""`DrawingPace`: how often something costly may be done while a model trains."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 0.015
"""Of the training time that has passed, all drawings together may take so much: 2 % with the rest
of what a recorder does."""
FIRST_SECONDS = 1.5
"""What the first drawing is taken to cost, imports of matplotlib and pandas included."""


class DrawingPace:
    """Spaces drawings so that they stay below a share of the time, however long it trains."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._spent = 0.0
        self._last = FIRST_SECONDS

    def is_due(self) -> bool:
        """Whether another drawing, if it costs what the last one did, is within the share."""
        trained = time.perf_counter() - self._began
        return self._spent + self._last <= SHARE * trained

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count what is done in this context as a drawing."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._last = time.perf_counter() - began
            self._spent += self._last
