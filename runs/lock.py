"""One process at a time on a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class FolderIsHeldError(Exception):
    """Another process holds the folder."""


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Holds the folder, once no other process does.

    The system lets go of the lock when its process ends, however it ends, so a killed training
    blocks nobody.

    Args:
        folder: made if it is not there.
        wait: whether to wait for another process that holds it.

    Raises:
        FolderIsHeldError: if another process holds it and `wait` is false.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout as error:
        raise FolderIsHeldError(f"another process is at work in {folder}") from error
    try:
        yield
    finally:
        lock.release()
