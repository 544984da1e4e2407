"""Columns of a table that number its rows and say nothing about what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .name_words import last_word

if TYPE_CHECKING:
    import pandas as pd

#: Words that a row number's name is, or ends in, as in `PassengerId`.
_NAMES = frozenset({"id", "index", "idx", "row", "rowid", "rownum"})


def are_distinct_whole(values: pd.Series) -> bool:
    """Whether a column's values are whole numbers, none of them missing and none twice."""
    from pandas.api import types

    if not types.is_numeric_dtype(values) or types.is_bool_dtype(values):
        return False
    if values.isna().any() or not values.is_unique:
        return False
    numbers = values.to_numpy(dtype="float64")
    return bool(np.isfinite(numbers).all() and np.array_equal(numbers, np.trunc(numbers)))


def row_number_warnings(
    frame: pd.DataFrame, names: Sequence[str], *, is_ordered: bool
) -> Iterator[str]:
    """Yield a sentence for each column that looks like a row number.

    It holds distinct whole numbers, and they rise by 1 from row to row or it has the name of one.

    Args:
        frame: All rows.
        names: Names of the columns to look at.
        is_ordered: Whether the rows are in order of time: a column that rises by 1 then counts it.
    """
    for name in names:
        values = frame[name]
        if not are_distinct_whole(values):
            continue
        rises = not is_ordered and bool((np.diff(values.to_numpy(dtype="float64")) == 1).all())
        if rises or last_word(name) in _NAMES:
            yield (
                f"Column {name!r} looks like a row number, from which a network learns where rows "
                "are in the file. Leave it out of the table if it is one (in pandas "
                f"frame.drop(columns={name!r}))."
            )
