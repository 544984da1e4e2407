"""Which column of a table is predicted, and whether it holds classes or numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .errors import DataError, listed
from .float32_loss import float32_loss
from .nearest_name import nearest_name
from .table_columns import READ_AS_MISSING, as_numbers, is_mostly_numbers, texts_of
from .written_numbers import written_number

if TYPE_CHECKING:
    import pandas as pd

#: Unless told otherwise, whole numbers are classes if there are at most this many different ones,
#: and at most one for this many rows.
MOST_CLASSES, ROWS_A_CLASS = 20, 10


@dataclass(frozen=True, eq=False)
class TableTarget:
    """What is predicted for each row.

    Attributes:
        name: Name of the column.
        labels: Class numbers (n,) int32, or numbers (n,) float32.
        classes: Class names in label order; empty for numbers.
        reason: Why it is taken for classes or for numbers, as a sentence.
    """

    name: str
    labels: np.ndarray
    classes: tuple[str, ...]
    reason: str

    @property
    def task(self) -> str:
        """What there is to learn: `classification` or `regression`."""
        return "classification" if self.classes else "regression"


def find_target(frame: pd.DataFrame, name: str | None, task: str | None) -> TableTarget:
    """Return the target of a table.

    Args:
        frame: All columns.
        name: The column to predict; None is refused, naming the columns there are.
        task: `classification` or `regression`; None: text, booleans and few different whole numbers
            are classes, other numbers are numbers.

    Raises:
        DataError: If there is no such column, naming the nearest; if a value of it is missing, all
            are the same or nearly so in float32, or there is text where numbers are needed.
    """
    columns = [str(column) for column in frame.columns]
    if name not in columns:
        asked = (
            "Say which column is to be predicted (--target COLUMN)."
            if name is None
            else f"There is no column {name!r} to predict.{nearest_name(name, columns)}"
        )
        raise DataError(f"{asked} The table has: {listed(columns, 20)}.")
    values = frame[name]
    _check_values(values)
    chosen, reason = (task, "") if task else _task_of(values)
    if chosen == "classification":
        classes, labels = _classes(values)
        return TableTarget(name, labels, classes, reason)
    exact = as_numbers(values, can_be_missing=False)
    numbers = exact.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise DataError(f"The target {name!r} holds infinite or too large values. Repair them.")
    if lost := float32_loss(exact, f"The values of the target {name!r}"):
        raise DataError(lost)
    return TableTarget(name, numbers, (), reason)


def _check_values(values: pd.Series) -> None:
    missing = int(values.isna().sum())
    if missing == len(values):
        raise DataError(
            f"The target {values.name!r} is missing in all {missing} rows. {READ_AS_MISSING}"
        )
    if missing:
        raise DataError(
            f"The target {values.name!r} is missing in {missing} of {len(values)} rows. Leave "
            "those rows out, or fill them in where each row has to follow the one before. "
            f"{READ_AS_MISSING}"
        )
    _check_two(values, values.nunique())


def _check_two(values: pd.Series, count: int) -> None:
    if count < 2:
        raise DataError(
            f"The target {values.name!r} is {str(values.iloc[0])!r} in every row: there is nothing "
            "to predict. Give rows of at least two values."
        )


def _task_of(values: pd.Series) -> tuple[str, str]:
    count = values.nunique()
    are_numbers = is_mostly_numbers(values) or written_number(values) is not None
    if are_numbers and not _could_be_classes(count, len(values)):
        as_numbers(values, can_be_missing=False)  # raises an error that says where text is
    told = "; kind in [task] of a ladder file can change that"
    if not _is_numeric(values):
        return "classification", (
            f"The target {values.name!r} is text of {count} kinds: a classification{told}."
        )
    numbers = as_numbers(values)
    is_whole = bool(np.isfinite(numbers).all() and np.array_equal(numbers, np.trunc(numbers)))
    if is_whole and _could_be_classes(count, len(values)):
        return "classification", (
            f"The target {values.name!r} has {count} different whole numbers: a classification"
            f"{told}."
        )
    return "regression", (
        f"The target {values.name!r} has {count:,} different numbers: a regression{told}."
    )


def _could_be_classes(count: int, rows: int) -> bool:
    return count == 2 or count <= min(MOST_CLASSES, rows // ROWS_A_CLASS)


def _is_numeric(values: pd.Series) -> bool:
    from pandas.api import types

    return bool(types.is_numeric_dtype(values))


def _classes(values: pd.Series) -> tuple[tuple[str, ...], np.ndarray]:
    """Class names (numbers by size, text in alphabetical order), and each row's class number."""
    from pandas.api import types

    if _is_numeric(values) and not types.is_bool_dtype(values):
        kinds, labels = np.unique(_whole_numbers(values), return_inverse=True)
        return tuple(str(int(number)) for number in kinds), labels.astype(np.int32)
    texts, labels = np.unique(texts_of(values).astype(str), return_inverse=True)
    _check_two(values, len(texts))
    return tuple(str(text) for text in texts), labels.astype(np.int32)


def _whole_numbers(values: pd.Series) -> np.ndarray:
    """A column's values, as integers if its type is one of integers."""
    from pandas.api import types

    # float64 does not tell all integers apart.
    if types.is_integer_dtype(values):
        unsigned = types.is_unsigned_integer_dtype(values)
        return np.asarray(values.to_numpy(dtype=np.uint64 if unsigned else np.int64))
    numbers = as_numbers(values)
    if not (np.isfinite(numbers).all() and np.array_equal(numbers, np.trunc(numbers))):
        raise DataError(
            f"The target {values.name!r} holds infinite numbers or decimals, which are no classes. "
            'Set kind = "regression" in [task], or give the classes names.'
        )
    return numbers
