"""Reading what a training recorded, epoch by epoch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ReportError

if TYPE_CHECKING:
    import pandas as pd

# What Keras may call the accuracy of a classifier, depending on how the user asked for it.
ACCURACIES = (
    "accuracy",
    "acc",
    "sparse_categorical_accuracy",
    "categorical_accuracy",
    "binary_accuracy",
)


def read_history(path: str | Path) -> pd.DataFrame:
    """Read a `history.csv`, or a file that Keras's `CSVLogger` wrote.

    Returns:
        A row per epoch, in order. `epoch` counts from 1 (Keras's counts from 0 and is shifted);
        every other column is a float, NaN where the cell is blank, `nan`, or not a number. If an
        epoch was trained twice, as after a resume, its last row counts. No rows for an empty file.

    Raises:
        FileNotFoundError: There is no such file.
        ReportError: The first column is not `epoch`, or the file is no table.
    """
    import pandas as pd

    path = Path(path)
    text = path.read_text(encoding="utf-8", errors="replace")
    header = text.partition("\n")[0].strip()
    if not header:
        return empty_history()
    if not header.startswith("epoch"):
        raise ReportError(
            f"{path} is no training history: its first column should be 'epoch', and its first "
            f"line is {header[:80]!r}. Give a history.csv, or a file that Keras's CSVLogger wrote."
        )
    if (plain := _plain_history(text)) is not None:
        return plain
    separator = header.removeprefix("epoch")[:1] or ","  # CSVLogger may use another than a comma
    try:
        table = pd.read_csv(path, sep=separator, encoding="utf-8", skipinitialspace=True)
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise ReportError(f"{path} cannot be read as a table ({error}).") from error
    return tidy_history(table)


def _plain_history(text: str) -> pd.DataFrame | None:
    """The history of a file with commas, only numbers and blanks, and epochs in order; else None.

    Nearly all files are like that; pandas would take minutes to read those of thousands of runs.
    """
    import numpy as np
    import pandas as pd

    header, *lines = text.splitlines()
    names = [name.strip() for name in header.split(",")]
    rows = [line.split(",") for line in lines if line]
    if '"' in header or len(set(names)) < len(names) or names[0] != "epoch" or not rows:
        return None
    try:
        values = np.array([[float(cell) if cell else math.nan for cell in row] for row in rows])
    except ValueError:  # a word, or rows of different lengths
        return None
    epochs = values[:, 0]
    if values.shape[1:] != (len(names),) or not (np.diff(epochs, prepend=-1) > 0).all():
        return None
    table = pd.DataFrame(values, columns=names)
    table["epoch"] = epochs.astype("int64") + (epochs[0] == 0)
    return table


def tidy_history(table: pd.DataFrame) -> pd.DataFrame:
    """Bring a table with a column `epoch` into the form that `read_history` returns."""
    import pandas as pd

    if not all(map(pd.api.types.is_numeric_dtype, table.dtypes)):
        table = table.apply(pd.to_numeric, errors="coerce")
    if not (table["epoch"].is_monotonic_increasing and table["epoch"].is_unique):
        table = table.dropna(subset="epoch").drop_duplicates("epoch", keep="last")
        table = table.sort_values("epoch")
    table = table.reset_index(drop=True)
    epochs = table["epoch"].astype("int64")
    table = table.astype("float64")
    table["epoch"] = epochs + 1 if len(epochs) and epochs.iloc[0] == 0 else epochs
    return table


def is_tidy(table: pd.DataFrame) -> bool:
    """Whether a table with a column `epoch` is in the form that `read_history` returns."""
    import pandas as pd

    epochs = table["epoch"]
    floats = [dtype == "float64" for name, dtype in table.dtypes.items() if name != "epoch"]
    return (
        all(floats)
        and epochs.dtype == "int64"
        and epochs.is_monotonic_increasing
        and epochs.is_unique
        and not (len(epochs) and epochs.iloc[0] == 0)
        and table.index.equals(pd.RangeIndex(len(table)))
    )


def empty_history() -> pd.DataFrame:
    """The history of a training that finished no epoch."""
    import pandas as pd

    return pd.DataFrame({"epoch": pd.Series(dtype="int64")})


def accuracy_name(*histories: pd.DataFrame) -> str:
    """What these histories call the accuracy; `accuracy` where they have none."""
    columns = {column for history in histories for column in history}
    return next((name for name in ACCURACIES if {name, f"val_{name}"} & columns), "accuracy")
