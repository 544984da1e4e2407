"""Columns of a table that hold dates, however these are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Ways to write a day at the start of a text, with pandas's formats for it, in which blanks replace
#: its marks: 2/1/2020 is in January or in February. A month, a year, a season such as 2010-11 or a
#: code such as 10-20-30 is not a day.
_WAYS = (
    (r"\d{4}(?P<mark>[-/.])\d{1,2}(?P=mark)\d{1,2}", ("%Y %m %d",)),
    (r"\d{1,2}(?P<mark>[-/.])\d{1,2}(?P=mark)\d{4}", ("%d %m %Y", "%m %d %Y")),
    (r"\d{1,2}/\d{1,2}/\d{2}|\d{2}\.\d{2}\.\d{2}", ("%d %m %y", "%m %d %y")),
    (
        r"\d{1,2}[- /.]+[A-Za-z]+[- /.,]+(?:\d{4}|\d{2})",
        ("%d %b %Y", "%d %B %Y", "%d %b %y", "%d %B %y"),
    ),
    (r"[A-Za-z]+[. ]+\d{1,2},? \d{4}", ("%b %d %Y", "%B %d %Y")),
)
_MARKS = r"[-/., ]+"
_FORMATS = ("ISO8601", "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S %p")


def holds_dates(values: pd.Series) -> bool:
    """Whether a column holds dates, as `readings` reads them."""
    return next(readings(values), None) is not None


def readings(values: pd.Series) -> Iterator[pd.Series]:
    """Yield a column's values as times in UTC for each way to read them; gaps stay gaps.

    Args:
        values: Of pandas's own type of dates, or texts that all begin with a day. The year may come
            first, as in ISO 8601 (2020-12-31, 2020/12/31 or 2020.12.31), or last (31.12.2020 or
            12/31/2020; with slashes or points also 31/12/20), or there may be an English month
            (31-Dec-2020 or Dec 31, 2020). If the year comes last, the day or the month may be
            first: the order that fits all texts is read, and both orders if both do.
    """
    import pandas as pd
    from pandas.api import types

    if types.is_datetime64_any_dtype(values):
        yield pd.to_datetime(values, utc=True)
        return
    if types.is_numeric_dtype(values) or not values.notna().any():
        return
    texts = values.astype(str).where(values.notna())
    for pattern, days in _WAYS:
        parts = texts.str.extract(rf"^(?P<day>{pattern})(?!\d)(?P<rest>.*)")
        if parts["day"].count() < values.count():
            continue
        written = parts["day"].str.replace(_MARKS, " ", regex=True)
        for day in days:
            iso = pd.to_datetime(written, format=day, errors="coerce").dt.strftime("%Y-%m-%d")
            for form in _FORMATS:
                dates = pd.to_datetime(iso + parts["rest"], format=form, errors="coerce", utc=True)
                if dates[values.notna()].notna().all():
                    yield dates
                    break
