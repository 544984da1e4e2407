"""One process at a time on a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_LOCK = ".lock"


class FolderIsHeldError(Exception):
    """Another process holds the folder."""


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Holds the folder, once no other process does.

    The system releases the lock when its process ends, however it ends, so a killed training blocks
    nobody.

    Args:
        folder: made if it is not there.
        wait: whether to wait for another process that holds it.

    Raises:
        FolderIsHeldError: if another process holds it and `wait` is false.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout as error:
        raise FolderIsHeldError(f"another process is at work in {folder}") from error
    try:
        yield
    finally:
        lock.release()


def is_held(folder: Path) -> bool | None:
    """Whether a process of this machine holds the folder, for a process that only watches.

    Nothing is written. A process that asks for the folder at that very instant, without waiting,
    may find it held.

    Returns:
        None if it is unknown: nobody has ever held the folder, or the system has no such locks.
    """
    try:
        import fcntl
    except ImportError:
        return None
    try:
        file = os.open(folder / _LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(file)
    return False
