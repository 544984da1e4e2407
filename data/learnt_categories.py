"""Categories of a table that no row of a smaller training set has, so that none is learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .table_columns import TableColumn, TableColumns


def learnt_from(columns: TableColumns, x_train: np.ndarray) -> TableColumns:
    """Return the columns with the categories that the training inputs lack marked as `unlearnt`.

    Args:
        columns: The columns as learnt from more rows.
        x_train: The rows (n, inputs), or windows (n, window, inputs), that are trained on.
    """
    learnt = tuple(
        replace(column, unlearnt=_lacking(column, x_train[..., place]))
        for column, place in _places(columns)
    )
    return replace(columns, columns=learnt)


def as_learnt(columns: TableColumns, inputs: np.ndarray) -> np.ndarray:
    """Return inputs (..., inputs) with 0 for each category that is `unlearnt`."""
    if not any(column.unlearnt for column in columns.columns):
        return inputs
    inputs = inputs.copy()
    for column, place in _places(columns):
        of_column = inputs[..., place]
        codes = [number for number, one in enumerate(_names(column)) if one in column.unlearnt]
        if column.is_embedded:
            of_column[np.isin(of_column, np.add(codes, 1))] = 0
        else:
            of_column[..., codes] = 0
    return inputs


def _lacking(column: TableColumn, inputs: np.ndarray) -> tuple[str, ...]:
    names = _names(column)
    if column.is_embedded:
        there = np.isin(np.arange(len(names)) + 1, inputs)
    else:
        there = np.any(inputs, axis=tuple(range(inputs.ndim - 1)))
    return tuple(name for name, is_there in zip(names, there, strict=False) if not is_there)


def _names(column: TableColumn) -> tuple[str, ...]:
    return column.categories or ()


def _places(columns: TableColumns) -> Iterator[tuple[TableColumn, slice]]:
    """Yield each column and the slice of inputs that it makes."""
    start = 0
    for column in columns.columns:
        yield column, slice(start, start + column.width)
        start += column.width
