"""Reading NumPy's .npz files of a run folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .damage import DAMAGE
from .errors import ReportError


def load_arrays(path: Path, advice: str) -> dict[str, np.ndarray] | None:
    """Read all arrays of a file; None where there is no such file.

    Args:
        path: Path of the file.
        advice: What to do with a damaged file, as a sentence.

    Raises:
        ReportError: The file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except FileNotFoundError:
        return None
    except DAMAGE as error:
        raise ReportError(f"{path} cannot be read ({error}). {advice}") from error
