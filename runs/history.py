"""Reading what a training recorded, epoch by epoch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ReportError

if TYPE_CHECKING:
    import pandas as pd

# What Keras may call the accuracy of a classifier, as the user asked for it.
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
        A row per epoch, in order. `epoch` counts from 1 (Keras's from 0, so they are shifted);
        every other column is a float, NaN where the cell is blank, `nan`, or no number. Where an
        epoch was trained twice, as after a resume, its last row stands. No rows for an empty file.

    Raises:
        FileNotFoundError: There is no such file.
        ReportError: The first column is not `epoch`, or the file is no table.
    """
    import pandas as pd

    path = Path(path)
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline().strip()
    if not header:
        return empty_history()
    if not header.startswith("epoch"):
        raise ReportError(
            f"{path} is no training history: its first column should be 'epoch', and its first "
            f"line is {header[:80]!r}. Give a history.csv, or a file that Keras's CSVLogger wrote."
        )
    separator = header.removeprefix("epoch")[:1] or ","  # CSVLogger may use another than a comma
    try:
        table = pd.read_csv(path, sep=separator, encoding="utf-8", skipinitialspace=True)
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise ReportError(f"{path} cannot be read as a table ({error}).") from error
    return tidy_history(table)


def tidy_history(table: pd.DataFrame) -> pd.DataFrame:
    """Bring a table with a column `epoch` into the form that `read_history` returns."""
    import pandas as pd

    table = table.apply(pd.to_numeric, errors="coerce").dropna(subset="epoch")
    table = table.drop_duplicates("epoch", keep="last").sort_values("epoch", ignore_index=True)
    epochs = table["epoch"].astype("int64")
    table = table.astype("float64")
    table["epoch"] = epochs + 1 if len(epochs) and epochs.iloc[0] == 0 else epochs
    return table


def empty_history() -> pd.DataFrame:
    """The history of a training that finished no epoch."""
    import pandas as pd

    return pd.DataFrame({"epoch": pd.Series(dtype="int64")})


def accuracy_name(*histories: pd.DataFrame) -> str:
    """What these histories call the accuracy; `accuracy` where they have none."""
    columns = {column for history in histories for column in history}
    return next((name for name in ACCURACIES if {name, f"val_{name}"} & columns), "accuracy")
