"""Reading NumPy's .npz files of a run folder."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from .errors import ReportError

_DAMAGE = (
    *(OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error),
    TypeError,  # an .npy file of another name, which holds a single array
    RuntimeError,  # bytes that say it is encrypted, or compressed in a way that nobody knows
)


def load_arrays(path: Path, advice: str) -> dict[str, np.ndarray] | None:
    """Read all arrays of a file; None where there is no such file.

    Args:
        path: Of the file.
        advice: What to do with a damaged one, a sentence.

    Raises:
        ReportError: The file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except FileNotFoundError:
        return None
    except _DAMAGE as error:
        raise ReportError(f"{path} cannot be read ({error}). {advice}") from error
