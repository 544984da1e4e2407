"""Columns of a table that hold dates: which do, and whether the rows are in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: A day at the start, so that neither a month, a year nor a season such as 2010-11 is a date.
_YEAR_FIRST = r"^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)"
_YEAR_LAST = r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)"
#: Ways to write a day, and how it is written as in ISO 8601: 2/1/2020 is in January or in February.
_WAYS = ((_YEAR_FIRST, r"\1-\3-\4"), (_YEAR_LAST, r"\4-\3-\1"), (_YEAR_LAST, r"\4-\1-\3"))
_FORMATS = ("ISO8601", "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S %p")


def holds_dates(values: pd.Series) -> bool:
    """Whether a column holds dates, as `readings` reads them."""
    return next(readings(values), None) is not None


def readings(values: pd.Series) -> Iterator[pd.Series]:
    """Yield a column's values as times in UTC, gaps staying gaps, for each way to read them.

    Args:
        values: Of pandas's own type of dates, or texts of which every one begins with a day: as in
            ISO 8601, 2020-12-31, 2020/12/31 or 2020.12.31; or 31.12.2020 or 12/31/2020, with the
            day or the month first, whichever all of them can be: both, where they can be both.
    """
    import pandas as pd
    from pandas.api import types

    if types.is_datetime64_any_dtype(values):
        yield pd.to_datetime(values, utc=True)
        return
    if types.is_numeric_dtype(values) or not values.notna().any():
        return
    texts = values.astype(str).where(values.notna())
    for pattern, iso in _WAYS:
        if not texts.dropna().str.match(pattern).all():
            continue
        plain = texts.str.replace(pattern, iso, regex=True)
        for form in _FORMATS:
            dates = pd.to_datetime(plain, format=form, errors="coerce", utc=True)
            if dates[values.notna()].notna().all():
                yield dates
                break


def order_warnings(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each column of dates that do not rise with the rows.

    Args:
        frame: All rows, whose order is taken for that of time.
        names: Of the columns to look at for dates.
    """
    for name in names:
        ways = [*readings(frame[name])]
        if not ways or any(dates.dropna().is_monotonic_increasing for dates in ways):
            continue
        found = [_name_of_series(frame, dates) for dates in ways]
        series = next((one for one in found if one is not None), None)
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


def _name_of_series(frame: pd.DataFrame, dates: pd.Series) -> str | None:
    """Return the column of text that changes wherever dates that else rise go back, if any."""
    from pandas.api import types

    times = dates.ffill().bfill().dt.tz_localize(None)
    steps = np.diff(times.to_numpy().astype("int64"))
    back = steps < 0
    if not (steps > 0).any():
        return None
    for name in frame.columns:
        values = frame[name]
        if types.is_numeric_dtype(values) or holds_dates(values):
            continue
        texts = values.astype(str).to_numpy()
        changes = texts[1:] != texts[:-1]
        # What changes in most rows does so there as well, by chance.
        if changes[back].all() and 2 * changes.sum() <= len(changes):
            return str(name)
    return None
