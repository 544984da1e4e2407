"""Turns what a program passes in into arrays, also pandas's frames and columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DataError, listed


def is_frame(values: Any) -> bool:
    """Whether values are a pandas frame: rows of columns with names."""
    return hasattr(values, "iloc") and np.ndim(values) == 2


def array_of(values: Any, name: str) -> np.ndarray:
    """Return values as an array: pandas's own kinds of numbers as NumPy's, a frame's gaps as NaN.

    Args:
        values: An array, a list, or a frame or column of pandas.
        name: Name of the argument, for messages.

    Raises:
        DataError: If a frame has columns that do not hold numbers, naming them.
    """
    if not hasattr(values, "iloc"):
        return np.asarray(values)
    if is_frame(values):
        return _of_frame(values, name)
    kind = getattr(values.dtype, "numpy_dtype", None)
    if kind is None or values.isna().any():
        return np.asarray(values)
    return np.asarray(values.to_numpy(dtype=kind))


def _of_frame(frame: Any, name: str) -> np.ndarray:
    from pandas.api import types

    others = [str(column) for column in frame.columns if not types.is_numeric_dtype(frame[column])]
    if others:
        raise DataError(
            f"Columns of {name} hold no numbers: {listed(others)}. Turn them into numbers, as "
            "pandas.get_dummies does, or write the table to a file: DataSpec('table:FILE', "
            "target=COLUMN) takes text too."
        )
    return np.asarray(frame.to_numpy(dtype=np.float64, na_value=np.nan))


def check_same_columns(frame: Any, other: Any, names: tuple[str, str]) -> None:
    """Refuse a frame whose columns are not those of another, in the same order.

    Args:
        frame: Any values; only frames are compared.
        other: Values that must have the same columns if both are frames.
        names: Names of the two arguments, for messages.

    Raises:
        DataError: Naming the columns that differ, or saying that their order does.
    """
    if not (is_frame(frame) and is_frame(other)) or list(frame.columns) == list(other.columns):
        return
    one, two = names
    if differing := sorted(map(str, set(frame.columns) ^ set(other.columns))):
        raise DataError(
            f"{two} does not have the columns of {one}; only one of them has {listed(differing)}. "
            "Give both the same."
        )
    raise DataError(
        f"The columns of {two} are in another order than those of {one}. Give {two}[{one}.columns]."
    )
