"""Keeping what libraries print off the screen."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The descriptors are the process's: of two threads that redirect them by turns, the last would put
# back what the first had put there. A thread may redirect them again within.
_REDIRECTION = threading.RLock()


@contextmanager
def printed_to(path: Path | str, *, append: bool = False) -> Iterator[None]:
    """Sends what is printed while in the block, by native code too, to a file.

    What other threads of the process print meanwhile goes there too; one that redirects as well
    waits for the end of the block.

    Args:
        path: of the file.
        append: whether what it holds stays in front of that.
    """
    with _REDIRECTION, Path(path).open("ab" if append else "wb") as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        before = os.dup(1), os.dup(2)
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
        try:
            yield
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for descriptor, kept in zip((1, 2), before, strict=True):
                os.dup2(kept, descriptor)
                os.close(kept)


@contextmanager
def quiet_import(name: str) -> Iterator[None]:
    """Keeps off the screen what is printed when a module of the user's is imported in the block.

    It may import Keras, whose backend greets at length. Where nothing is to be imported, nothing is
    redirected.

    Args:
        name: `"module:name"` of what is in the module; without a colon it is of ours.
    """
    module, colon, _ = name.partition(":")
    if not colon or module in sys.modules:
        yield
        return
    with printed_to(os.devnull):
        yield
