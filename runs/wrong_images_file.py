"""wrong.npz: the validation images that a run's final network got wrong with most confidence."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from .array_file import load_arrays
from .atomic_files import write_bytes
from .errors import ReportError

NAME = "wrong.npz"


def write_wrong_images(folder: Path, places: np.ndarray, images: np.ndarray) -> None:
    """Write the folder's wrong.npz at once.

    Args:
        folder: Folder of the run.
        places: Their positions among the validation images, (n,).
        images: The images as they are shown, (n, height, width, channels), uint8.
    """
    file = io.BytesIO()
    np.savez_compressed(file, places=places, images=images)
    write_bytes(folder / NAME, file.getvalue())


def read_wrong_images(folder: Path) -> dict[int, np.ndarray]:
    """Read the images that a run kept, by position among the validation images; maybe none.

    Raises:
        ReportError: The file is damaged.
    """
    path, advice = folder / NAME, "Delete it, and its pictures are left out."
    found = load_arrays(path, advice)
    if found is None:
        return {}
    try:
        return dict(zip(found["places"].tolist(), found["images"], strict=True))
    except (KeyError, ValueError) as error:
        raise ReportError(f"{path} cannot be read ({error}). {advice}") from error
