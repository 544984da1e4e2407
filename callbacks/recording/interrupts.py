"""`Interrupts`: lets a callback act when Ctrl-C ends a training, of which Keras says nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from weakref import WeakMethod


class Interrupts:
    """Calls `action` when Ctrl-C (SIGINT) arrives, before the signal has its usual effect.

    Nothing is changed where SIGINT is ignored or kills at once, or outside the main thread, where
    Python handles no signals.

    Args:
        action: A method; its object can still be garbage-collected.
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self.action = WeakMethod(action)
        self.is_held = False
        self.late: tuple[int, FrameType | None] | None = None
        self._handler: _Handler | None = None

    def begin(self) -> None:
        """Wait for Ctrl-C, until `end` or until it has come."""
        self.end()
        current = signal.getsignal(signal.SIGINT)
        if not callable(current) or not _in_main_thread():
            return
        if not isinstance(current, _Handler):
            current = _Handler(current)
            signal.signal(signal.SIGINT, current)
        current.waiting.append(self)
        self._handler = current

    def end(self) -> None:
        """Stop waiting for Ctrl-C."""
        if self._handler is not None:
            self._handler.remove(self)
            self._handler = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Delay the effect of Ctrl-C until this context is left."""
        if self._handler is None or self.is_held or not _in_main_thread():
            yield
            return
        handler, self.is_held = self._handler, True
        try:
            yield
        finally:
            self.is_held = False
            late, self.late = self.late, None
            if late is not None:
                handler(*late)


class _Handler:
    """One handler for all that wait, as they may end in a different order than they began."""

    def __init__(self, before: Callable[[int, FrameType | None], Any]) -> None:
        self._before = before
        self.waiting: list[Interrupts] = []

    def __call__(self, number: int, frame: FrameType | None) -> None:
        busy = next((one for one in self.waiting if one.is_held), None)
        if busy is not None:
            busy.late = (number, frame)
            return
        actions = [one.action() for one in self.waiting]
        # A second Ctrl-C stops the actions too.
        for one in list(self.waiting):
            one.end()
        try:
            for action in filter(None, actions):
                action()
        finally:
            self._before(number, frame)

    def remove(self, one: Interrupts) -> None:
        self.waiting.remove(one)
        before = self._before
        if not self.waiting and signal.getsignal(signal.SIGINT) is self:
            signal.signal(signal.SIGINT, before)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
