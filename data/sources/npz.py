"""Labelled arrays from a NumPy .npz file, in the form that Keras uses for MNIST."""

from pathlib import Path

import numpy as np

from ...runs.damage import DAMAGE
from ..errors import DataError, listed
from .no_such_path import no_such_path
from .part import Part
from .raw_arrays import RawImages, RawSequences


def read_npz(path: str | Path, inputs: str | None = None) -> RawImages | RawSequences:
    """Read `x_train`, `y_train` and, if present, `x_val`, `y_val`, `x_test`, `y_test`.

    An array `classes` of text, if there is one, names the classes in label order.

    Args:
        path: Path of the file.
        inputs: What the arrays are: `images`, `sequences`, `tokens` or `rows`; None: images.

    Raises:
        DataError: If the file is missing, damaged, holds pickled objects or lacks a key.
    """
    path = Path(path).expanduser()
    arrays = plain_arrays(path)
    train, val, test = (_part(arrays, split, path) for split in ("train", "val", "test"))
    if train is None:
        raise DataError(
            f"{path} lacks x_train and y_train; it holds {listed(sorted(arrays)) or 'nothing'}. "
            "Save it with numpy.savez(path, x_train=..., y_train=..., x_test=..., y_test=...)."
        )
    classes = _classes(arrays, path)
    if inputs is None or inputs == "images":
        return RawImages(train, val, test, classes)
    return RawSequences(train, val, test, classes, kind=inputs)


def plain_arrays(path: Path, only: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file by name.

    Args:
        path: Path of the file.
        only: The arrays to read; None: all.

    Raises:
        DataError: If the file is missing, damaged, holds pickled objects or lacks one of `only`.
    """
    if not path.is_file():
        raise no_such_path("file", path, "npz:PATH")
    try:
        loaded = np.load(path, allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            raise DataError(f"{path} holds a single array. Save images and labels with savez.")
        with loaded:
            return {key: loaded[key] for key in only or loaded.files}
    except DataError:
        raise
    except DAMAGE as error:
        raise DataError(
            f"{path} cannot be read as plain arrays ({error}). It may be cut off, need more memory "
            "than there is, or hold pickled objects, which are never loaded; save it anew with "
            "numpy.savez from plain arrays."
        ) from error


def _part(arrays: dict[str, np.ndarray], split: str, path: Path) -> Part | None:
    keys = (f"x_{split}", f"y_{split}")
    there = [key for key in keys if key in arrays]
    if len(there) == 1:
        raise DataError(
            f"{path} holds {there[0]} but not {keys[1 - keys.index(there[0])]}; images and labels "
            f"go in pairs. It holds {listed(sorted(arrays))}."
        )
    return Part(arrays[keys[0]], arrays[keys[1]]) if there else None


def _classes(arrays: dict[str, np.ndarray], path: Path) -> tuple[str, ...] | None:
    if "classes" not in arrays:
        return None
    names = arrays["classes"]
    if names.dtype.kind != "U" or names.ndim != 1:
        raise DataError(
            f"classes in {path} must be a one-dimensional array of text, one name per label. "
            f"Received: dtype={names.dtype}, shape={names.shape}"
        )
    return tuple(str(name) for name in names)
