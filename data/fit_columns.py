"""Learns from the training rows of a table how its columns become inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .class_checks import alike_warnings
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
from .table_dates import holds_dates
from .table_windows import Windows
from .written_numbers import written_number

if TYPE_CHECKING:
    import pandas as pd

# Up to this many different texts are categories, not a key, however few the rows.
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
    """Return how the table's columns become inputs, and warnings about doubtful columns.

    Numbers and booleans are inputs as they are; the texts of other columns are categories. Dates
    are left out, and so is text that differs in more than half of the training rows, such as names
    or keys. Warnings name both, and columns of numbers that float32 can hardly tell apart.

    Args:
        inputs: All rows of the columns that can be inputs.
        target: The column to predict.
        train: Positions of the training rows, the only ones to learn from.
        missing: `median` fills missing numbers with the column's median and makes missing text a
            category of its own; None refuses missing values.
        is_embedded: Whether categories become codes instead of inputs of 0 or 1.
        windows: Which rows form an example; None: each row is one.

    Raises:
        DataError: If an input's value is missing although none may be, a column holds text among
            numbers, numbers written as text, lengths of time, or more than `MOST_CATEGORIES`
            categories without embedding, or no column is left.
    """
    reasons = {name: _left_out(inputs[name], train) for name in inputs.columns}
    doubts = [f"Column {name!r} is left out: {why}" for name, why in reasons.items() if why]
    kept = inputs[[name for name, why in reasons.items() if not why]]
    if not len(kept.columns):
        said = "".join(f" {text}" for text in doubts)
        raise DataError(
            f"The table has no column besides {target!r} that can be learnt from.{said}"
        )
    if missing is None:
        counts = {str(name): int(number) for name, number in kept.isna().sum().items() if number}
        if counts:
            raise DataError(missing_text(counts, len(inputs)))
    columns = []
    for name in kept.columns:
        column, doubt = _fitted(kept[name], train, missing, is_embedded)
        columns.append(column)
        doubts.append(doubt)
    return TableColumns(target, tuple(columns), windows), tuple(filter(None, doubts))


def _is_of_numbers(values: pd.Series) -> bool:
    from pandas.api import types

    return bool(types.is_numeric_dtype(values) or is_mostly_numbers(values))


def _left_out(values: pd.Series, train: np.ndarray) -> str:
    """Return why a column is not an input, as a sentence; "" if it is one."""
    if holds_dates(values):
        return (
            "it holds dates. Turn them into numbers to learn from them, such as the month, or days "
            "since the first."
        )
    if _is_of_numbers(values):
        return ""
    texts = texts_of(values.iloc[train].dropna())
    kinds = len(set(texts))
    if kinds > FEW and 2 * kinds > len(texts) and written_number(values) is None:
        return "nearly every row has a text of its own."
    return ""


def _fitted(
    values: pd.Series, train: np.ndarray, missing: str | None, is_embedded: bool
) -> tuple[TableColumn, str]:
    """Return the fitted column, and a sentence on what is doubtful about it or ""."""
    from pandas.api import types

    name = str(values.name)
    if not values.iloc[train].notna().any():
        raise DataError(f"Column {name!r} has no value in any training row. Leave it out.")
    if types.is_timedelta64_dtype(values):
        raise DataError(
            f"Column {name!r} holds lengths of time. Turn them into numbers, such as seconds."
        )
    if _is_of_numbers(values):
        return _fitted_numbers(values, train, missing)
    return _fitted_texts(values, train, missing, is_embedded)


def _fitted_numbers(
    values: pd.Series, train: np.ndarray, missing: str | None
) -> tuple[TableColumn, str]:
    name, numbers = str(values.name), _numbers_of(values)[train]
    fill = None if missing is None else float(np.nanmedian(numbers))
    least, most = np.nanmin(numbers), np.nanmax(numbers)
    constant = float(least) if least == most else None
    column = TableColumn(name, fill=fill, constant=constant)
    return column, float32_loss(numbers, f"The values of column {name!r}")


def _numbers_of(values: pd.Series) -> np.ndarray:
    """Return a column's numbers; an error about text among them says how to make categories."""
    try:
        return as_numbers(values)
    except DataError as error:
        raise DataError(
            f"{error} If the values are names of categories, such as 3+, write a letter before "
            "each of them: texts become categories."
        ) from error


def _fitted_texts(
    values: pd.Series, train: np.ndarray, missing: str | None, is_embedded: bool
) -> tuple[TableColumn, str]:
    name, has_gaps = str(values.name), bool(values.iloc[train].isna().any())
    categories = sorted(set(texts_of(values.iloc[train].dropna())))
    doubts = [*alike_warnings(categories, f"Categories of column {name!r}")]
    if written := written_number(values):
        if len(categories) > FEW:
            _numbers_of(values)  # raises an error that says where text is
        doubts.append(
            f"Column {name!r} holds numbers written as text ({written[0]!r}), which are taken for "
            f"categories. Write {written[1]} if it is a number."
        )
    if len(categories) > MOST_CATEGORIES and not is_embedded:
        raise DataError(
            f"Column {name!r} holds {len(categories):,} different texts, and at most "
            f"{MOST_CATEGORIES:,} can be categories. Join rare ones, leave it out, or embed "
            "categories (--categories embedded)."
        )
    if missing is not None and has_gaps:
        categories.append(MISSING)
    fill = None if missing is None else MISSING
    return TableColumn(name, tuple(categories), fill, is_embedded), " ".join(doubts)
