"""Prepared data on disk, from where workers load them."""

from __future__ import annotations

from pathlib import Path

from ...data import DataError, Dataset


def save_prepared(data: Dataset, folder: Path) -> None:
    """Saves data for workers.

    Raises:
        DataError: if saving fails, for instance on a full disk; the text says how much room the
            data take.
    """
    try:
        data.save(folder)
    except OSError as error:
        size = sum(array.nbytes for array in data.arrays().values())
        raise DataError(
            f"The prepared data ({size / 1e6:,.1f} MB) cannot be saved in {folder.parent} "
            f"({error}). Set TMPDIR to a folder that has room for them."
        ) from error
