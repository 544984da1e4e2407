"""`read_batches`: the rows of a batches.csv, and where each stands among the epochs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

FILE = "batches.csv"
_FIRST_COLUMNS = ["step", "epoch"]


def read_batches(folder: Path) -> pd.DataFrame | None:
    """What `trickbook.callbacks.LearningCurves(folder, batches=True)` recorded for each batch.

    Args:
        folder: Folder of a run.

    Returns:
        A row per batch (or per execution of several) with `step`, `epoch`, and a column per rate
        and metric, NaN where it was not measured. None if there is no such file, if it is not from
        LearningCurves, or if it has no rows.
    """
    import pandas as pd

    path = folder / FILE
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    # A kill may have torn the last row.
    whole = text[: text.rfind("\n") + 1]
    if not whole.startswith(",".join(_FIRST_COLUMNS) + ","):
        return None
    table = pd.read_csv(io.StringIO(whole))
    return table if len(table) else None


def epoch_places(batches: pd.DataFrame, epochs: int) -> np.ndarray:
    """Where each batch ends, in epochs: 1.5 is the middle of the second one.

    Args:
        batches: As `read_batches` gives it.
        epochs: How many epochs were finished; a later one is taken to be as long as the last.

    Returns:
        Of shape (rows,).
    """
    ends = batches.groupby("epoch")["step"].max()
    lengths = ends.diff().fillna(ends)
    starts = ends - lengths
    if ends.index[-1] > epochs and len(ends) > 1:
        lengths.iloc[-1] = max(lengths.iloc[-1], lengths.iloc[-2])
    epoch = batches["epoch"]
    done = (batches["step"] - epoch.map(starts)) / epoch.map(lengths)
    return (epoch - 1 + done).to_numpy(dtype=float)
