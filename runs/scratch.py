"""A folder for what a command needs only while it runs."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .lock import FolderIsHeldError, locked

PREFIX = "trickbook-scratch-"
# A folder this young may be about to be locked by its owner.
YOUNG_SECONDS = 60.0


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Gives a temporary folder, and removes those of commands that were killed.

    A command holds its folder's lock, which tells it from a killed one even where process numbers
    are not visible, as between containers.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_if_left(left)
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, locked(Path(folder)):
        yield Path(folder)


def _remove_if_left(folder: Path) -> None:
    try:
        state = folder.lstat()
        if not _is_our_folder(state) or time.time() - state.st_mtime < YOUNG_SECONDS:
            return
        with locked(folder, wait=False):
            shutil.rmtree(folder, ignore_errors=True)
    except (FolderIsHeldError, OSError):
        return  # In use, or just removed by another command.


def _is_our_folder(state: os.stat_result) -> bool:
    """Whether it is a folder, not a link to one, and this user's: no other is ever locked."""
    is_own = not hasattr(os, "geteuid") or state.st_uid == os.geteuid()
    return stat.S_ISDIR(state.st_mode) and is_own
