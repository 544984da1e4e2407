"""The rows of a history.csv: one per epoch, cheap to add to and to write after every epoch."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..state.variable_values import in_numpy

if TYPE_CHECKING:
    import pandas as pd

FIRST_COLUMNS = ("epoch", "seconds", "learning_rate")
STEP = "step"


class HistoryTable:
    """What a training measured, epoch by epoch.

    The columns are `epoch` (from 1), `seconds` (wall time since training began), `learning_rate`,
    `step` (batches since training began) where it is known, then the metrics in order of first
    appearance. A metric that appears late adds a column, which is blank in the rows above.

    Example:
    >>> table = trickbook.callbacks.recording.history_table.HistoryTable()
    >>> table.add(1, seconds=0.5, learning_rate=0.001, logs={"loss": 2.0})
    >>> table.add(2, seconds=0.9, learning_rate=0.001, logs={"loss": 1.5, "val_loss": 1.75})
    >>> print(table.text(), end="")
    epoch,seconds,learning_rate,loss,val_loss
    1,0.5,0.001,2.0,
    2,0.9,0.001,1.5,1.75

    Attributes:
        columns: Their names, in order.
        rows: A dict per epoch, which holds what was measured in it.
    """

    def __init__(self, columns: Sequence[str] = FIRST_COLUMNS) -> None:
        self.columns = list(columns)
        self.rows: list[dict[str, float]] = []
        self._lines: list[str] = []

    def add(
        self,
        epoch: int,
        seconds: float,
        learning_rate: float | None,
        logs: Mapping[str, Any],
        step: int | None = None,
    ) -> None:
        """Add the row of one epoch.

        Args:
            epoch: Counted from 1.
            seconds: Wall time since training began; kept to the millisecond.
            learning_rate: None where it is not known.
            logs: What Keras gives to `on_epoch_end`; see `flat_numbers`.
            step: None where it is not known.
        """
        row: dict[str, float] = {"epoch": epoch, "seconds": round(seconds, 3)}
        if learning_rate is not None:
            row["learning_rate"] = learning_rate
        if step is not None:
            row[STEP] = step
        for name, value in flat_numbers(logs).items():
            row[f"logs/{name}" if name in (*FIRST_COLUMNS, STEP) else name] = value
        self.append(row)

    def append(self, row: Mapping[str, float]) -> None:
        """Add a row as it stands in `rows`, such as one of another table."""
        new = [name for name in row if name not in self.columns]
        if new:
            self.columns += new
            # Lines are kept as text: formatting 200 rows again every epoch would cost milliseconds.
            self._lines = [line + "," * len(new) for line in self._lines]
        counts = {name: int(row[name]) for name in ("epoch", STEP) if name in row}
        self.rows.append({**row, **counts})
        self._lines.append(csv_line(self.rows[-1].get(name) for name in self.columns)[:-1])

    def text(self) -> str:
        """The whole table as CSV; `nan` and `inf` literal, blank where not measured."""
        return csv_line(self.columns) + "".join(line + "\n" for line in self._lines)

    def frame(self) -> "pd.DataFrame":
        """The table as `trickbook.runs.history.read_history` would read it."""
        import pandas as pd

        types = dict.fromkeys(self.columns, "float64") | {"epoch": "int64"}
        return pd.DataFrame(self.rows, columns=self.columns).astype(types)

    @classmethod
    def read(cls, path: Path, epochs: int) -> "HistoryTable":
        """Read back the first `epochs` epochs of a table written by this class.

        Returns:
            A table without rows where there is no such file.

        Raises:
            ValueError: The file is not a table of this class.
        """
        table = cls()
        if not path.exists():
            return table
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            columns = next(reader, [])
            if tuple(columns[: len(FIRST_COLUMNS)]) != FIRST_COLUMNS:
                raise ValueError(
                    "An earlier history can be continued only if its first columns are "
                    f"{','.join(FIRST_COLUMNS)}; give another folder, or move the file away. "
                    f"Received: path={str(path)!r}, whose columns are {','.join(columns)!r}"
                )
            table = cls(columns)
            for cells in reader:
                row = {name: float(cell) for name, cell in zip(columns, cells, strict=True) if cell}
                if row["epoch"] <= epochs:
                    table.append(row)
        return table


def csv_line(cells: Iterable[float | str | None]) -> str:
    """One line of a CSV file with its newline; floats in full precision, None is blank."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def flat_numbers(logs: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """The numbers in `logs`, by names without nesting.

    A dict `{"head": {"loss": 1.0}}` gives `head/loss`, an array of several values such as the F1 of
    every class `f1/0`, `f1/1` and so on; tensors and variables count as the values they hold. What
    is not a number is left out, and so is a list that holds lists of unequal length.
    """
    numbers: dict[str, float] = {}
    for key, held in logs.items():
        name, value = f"{prefix}{key}", in_numpy(held)
        if isinstance(value, float | int):
            numbers[name] = float(value)
        elif isinstance(value, Mapping):
            numbers.update(flat_numbers(value, f"{name}/"))
        elif isinstance(value, list | tuple | np.ndarray | np.generic):
            array = _array(value)
            if array.dtype.kind in "biuf":
                single = array.size == 1
                for place, number in enumerate(array.ravel().tolist()):
                    numbers[name if single else f"{name}/{place}"] = float(number)
    return numbers


def _array(values: Any) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:  # lists of unequal length make no NumPy array
        return np.empty(0, object)
