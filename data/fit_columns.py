"""What the columns of a table are, learnt from its training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .errors import DataError
from .float32_loss import float32_loss
from .table_columns import (
    MISSING,
    MOST_CATEGORIES,
    TableColumn,
    TableColumns,
    as_numbers,
    is_mostly_numbers,
    missing_text,
    texts_of,
)
from .table_windows import Windows

if TYPE_CHECKING:
    import pandas as pd

# So many categories are no key, however few the rows.
FEW = 20


def fit_columns(
    inputs: pd.DataFrame,
    target: str,
    train: np.ndarray,
    missing: str | None = None,
    *,
    is_embedded: bool = False,
    windows: Windows | None = None,
) -> tuple[TableColumns, tuple[str, ...]]:
    """Return how the table's columns become inputs, and sentences on those that are doubtful.

    Numbers and truth values are inputs as they are; the texts of other columns are categories. Text
    that differs in more than half of the training rows, as a name or a key does, is left out, which
    is told; and so is a column of numbers that float32 can hardly tell apart.

    Args:
        inputs: All rows of the columns that can be inputs.
        target: The column that is told.
        train: Positions of the training rows, which alone are learnt from.
        missing: `median`: what stands for missing values, text apart; None refuses them.
        is_embedded: Whether categories are codes, and not inputs of 0 or 1.
        windows: Which rows are an example; None: each is one.

    Raises:
        DataError: If a value is missing and may not be, a column holds text among numbers, dates,
            or more than `MOST_CATEGORIES` categories, or no column is left.
    """
    if missing is None:
        counts = {str(name): int(number) for name, number in inputs.isna().sum().items() if number}
        if counts:
            raise DataError(missing_text(counts, len(inputs)))
    columns, doubts = [], []
    for name in inputs.columns:
        column = _fitted(inputs[name], inputs[name].iloc[train], missing, is_embedded)
        if column is None:
            doubts.append(f"Column {name!r} is left out: nearly every row has a text of its own.")
            continue
        columns.append(column)
        if column.categories is None:
            numbers = as_numbers(inputs[name])[train]
            doubts.append(float32_loss(numbers, f"The values of column {name!r}"))
    if not columns:
        raise DataError(f"The table has no column beside {target!r} that can be learnt from.")
    return TableColumns(target, tuple(columns), windows), tuple(filter(None, doubts))


def _fitted(
    values: pd.Series, train: pd.Series, missing: str | None, is_embedded: bool
) -> TableColumn | None:
    from pandas.api import types

    name = str(values.name)
    if not train.notna().any():
        raise DataError(f"Column {name!r} has no value in any training row. Leave it out.")
    if types.is_datetime64_any_dtype(values) or types.is_timedelta64_dtype(values):
        raise DataError(
            f"Column {name!r} holds dates. Turn them into numbers, such as days since the first."
        )
    if types.is_numeric_dtype(values) or is_mostly_numbers(values):
        fill = None if missing is None else float(np.nanmedian(as_numbers(train)))
        return TableColumn(name, fill=fill)
    present = texts_of(train.dropna())
    categories = sorted(set(present))
    if len(categories) > FEW and 2 * len(categories) > len(present):
        return None
    if len(categories) > MOST_CATEGORIES and not is_embedded:
        raise DataError(
            f"Column {name!r} holds {len(categories):,} different texts, and at most "
            f"{MOST_CATEGORIES:,} can be categories. Join rare ones, leave it out, or embed "
            "categories (--categories embedded)."
        )
    if missing is not None and train.isna().any():
        categories.append(MISSING)
    return TableColumn(name, tuple(categories), None if missing is None else MISSING, is_embedded)
