"""Columns of a table that hold dates: which do, and whether the rows are in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: A day at the start, so that neither a month, a year nor a season such as 2010-11 is a date.
_DAY = r"\d{4}([-/])\d{1,2}\1\d{1,2}(?!\d)"


def dates_of(values: pd.Series) -> pd.Series | None:
    """Return a column's values as times in UTC, gaps staying gaps; None: they are no dates.

    Args:
        values: Of pandas's own type of dates, or texts of which every one is an ISO 8601 date.
    """
    import pandas as pd
    from pandas.api import types

    if types.is_datetime64_any_dtype(values):
        return pd.to_datetime(values, utc=True)
    present = values.dropna()
    if types.is_numeric_dtype(values) or not len(present):
        return None
    if not present.astype(str).str.match(_DAY).all():
        return None
    dates = pd.to_datetime(values, format="ISO8601", errors="coerce", utc=True)
    return None if dates[present.index].isna().any() else dates


def order_warnings(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each column of dates that do not rise with the rows.

    Args:
        frame: All rows, whose order is taken for that of time.
        names: Of the columns to look at for dates.
    """
    for name in names:
        dates = dates_of(frame[name])
        if dates is None or dates.dropna().is_monotonic_increasing:
            continue
        series = _names_of_series(frame, dates)
        if series is not None:
            yield (
                f"The dates of column {name!r} go back where column {series!r} changes: the table "
                "seems to hold several series, one after the other, and the order of its rows is "
                "taken for that of time. Give a table of one series."
            )
        else:
            yield (
                f"The dates of column {name!r} do not rise from row to row, and the order of the "
                "rows is taken for that of time. Sort the rows by it; of several series give one."
            )


def _names_of_series(frame: pd.DataFrame, dates: pd.Series) -> str | None:
    """Return the column of text that changes wherever dates that else rise go back, if any."""
    from pandas.api import types

    times = dates.ffill().bfill().dt.tz_localize(None)
    steps = np.diff(times.to_numpy().astype("int64"))
    back = steps < 0
    if not (steps > 0).any():
        return None
    for name in frame.columns:
        values = frame[name]
        if types.is_numeric_dtype(values) or dates_of(values) is not None:
            continue
        texts = values.astype(str).to_numpy()
        changes = texts[1:] != texts[:-1]
        # What changes in most rows does so there as well, by chance.
        if changes[back].all() and 2 * changes.sum() <= len(changes):
            return str(name)
    return None
