"""predictions.npz: what a run's final network predicts for the examples that it is judged by."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .array_file import load_arrays
from .atomic_files import write_bytes

NAME = "predictions.npz"


def write_predictions(
    folder: Path, outputs: Mapping[str, np.ndarray], labels: Mapping[str, np.ndarray]
) -> None:
    """Write the folder's predictions.npz at once.

    Its arrays are `val` and `val_labels`, `test` and `test_labels`: float32 outputs, in the order
    of the data set's examples, and the true class numbers or numbers.

    Args:
        folder: Folder of the run.
        outputs: Logits (n, classes), or values (n,) in units of the target, by split.
        labels: Labels (n,), by the same splits.
    """
    arrays = {split: np.asarray(array, "float32") for split, array in outputs.items()}
    arrays |= {f"{split}_labels": np.asarray(labels[split]) for split in outputs}
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # its stub takes a name for an option
    write_bytes(folder / NAME, file.getvalue())


def read_arrays(folder: Path) -> dict[str, np.ndarray] | None:
    """Read what `write_predictions` wrote; None where there is no such file.

    Raises:
        ReportError: The file is damaged.
    """
    advice = "Delete the run's folder, and the same command trains it again."
    return load_arrays(folder / NAME, advice)
