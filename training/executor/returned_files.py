"""A run folder's files as bytes, on their way from where the run was trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...runs.atomic_files import write_bytes
from ...runs.run_file import SAVED

_LAST = "run.json"
# The files that show how a run is doing while it is under way.
UNDER_WAY = ("history.csv", _LAST)


def read_files(folder: Path) -> dict[str, bytes]:
    """Returns the contents of the folder's files by their path within it, with slashes.

    The state that the run would resume from is left out, as it is large and of no use elsewhere.
    So are hidden files: locks, and files that were not written completely.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder): path for path in paths}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in names.items()
        if name.parts[0] != SAVED and not name.name.startswith(".")
    }


def read_under_way(folder: Path) -> dict[str, bytes]:
    """Returns the files that change with each epoch of a run, in the form of `read_files`."""
    return {name: (folder / name).read_bytes() for name in UNDER_WAY if (folder / name).is_file()}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes what `read_files` returned, each file atomically.

    run.json comes last, so that a run that says it has ended has all its files.

    Raises:
        OSError: if the folder cannot be written, or the disk is full.
    """
    for name in sorted(files, key=lambda name: name == _LAST):
        write_bytes(folder / name, files[name])
