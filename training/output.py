"""Keeping what libraries print off the screen."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The file descriptors belong to the process: if two threads redirected them at the same time, the
# last one to end could restore the other's redirection. The same thread may redirect them again
# within a block.
_REDIRECTION = threading.RLock()


@contextmanager
def printed_to(path: Path | str, *, append: bool = False) -> Iterator[None]:
    """Sends what is printed within the block, by native code too, to a file.

    What other threads of the process print meanwhile also goes there. A thread that wants to
    redirect as well waits for the end of the block.

    Args:
        path: path of the file.
        append: whether to append to the file, rather than replace what it holds.
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
    """Keeps what is printed off the screen while a user's module is imported within the block.

    The module may import Keras, whose backend prints a lot. If nothing has to be imported, nothing
    is redirected.

    Args:
        name: `"module:name"` of something in the user's module; a name without a colon is ours.
    """
    module, colon, _ = name.partition(":")
    if not colon or module in sys.modules:
        yield
        return
    with printed_to(os.devnull):
        yield
