"""Keeping what libraries print off the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def printed_to(path: Path | str, *, append: bool = False) -> Iterator[None]:
    """Sends what is printed while in the block, by native code too, to a file.

    Args:
        path: of the file.
        append: whether what it holds stays in front of that.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    before = os.dup(1), os.dup(2)
    with Path(path).open("ab" if append else "wb") as file:
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
