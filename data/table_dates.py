"""Columns of a table that hold dates, however these are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: A day at the start, so that neither a month, a year nor a season such as 2010-11 is a date.
_YEAR_FIRST = r"^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)"
_YEAR_LAST = r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)"
#: Of codes such as 10-20-30 none is a date.
_SHORT_YEAR = r"^(\d{1,2})/(\d{1,2})/(\d{2})(?!\d)|^(\d{2})\.(\d{2})\.(\d{2})(?!\d)"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
_DAY_AND_MONTH = rf"(?i)^(\d{{1,2}})[- /.]+{_MONTH}[- /.,]+(\d{{4}}|\d{{2}})(?!\d)"
_MONTH_AND_DAY = rf"(?i)^{_MONTH} (\d{{1,2}}),? (\d{{4}})(?!\d)"


def _iso(year: str, month: str, day: str) -> str:
    # Of two digits as the C library reads them.
    century = "" if len(year) == 4 else "19" if int(year) > 68 else "20"
    number = _MONTHS.index(month.lower()) + 1 if month.isalpha() else int(month)
    return f"{century}{year}-{number:02d}-{int(day):02d}"


def _short(found: re.Match[str], *, day_first: bool) -> str:
    first, second, year = [part for part in found.groups() if part is not None]
    return _iso(year, second, first) if day_first else _iso(year, first, second)


#: Ways to write a day, and how it is written as in ISO 8601: 2/1/2020 is in January or in February.
_WAYS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (_YEAR_FIRST, r"\1-\3-\4"),
    (_YEAR_LAST, r"\4-\3-\1"),
    (_YEAR_LAST, r"\4-\1-\3"),
    (_SHORT_YEAR, lambda found: _short(found, day_first=True)),
    (_SHORT_YEAR, lambda found: _short(found, day_first=False)),
    (_DAY_AND_MONTH, lambda found: _iso(found[3], found[2], found[1])),
    (_MONTH_AND_DAY, lambda found: _iso(found[3], found[1], found[2])),
)
_FORMATS = ("ISO8601", "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S %p")


def holds_dates(values: pd.Series) -> bool:
    """Whether a column holds dates, as `readings` reads them."""
    return next(readings(values), None) is not None


def readings(values: pd.Series) -> Iterator[pd.Series]:
    """Yield a column's values as times in UTC, gaps staying gaps, for each way to read them.

    Args:
        values: Of pandas's own type of dates, or texts of which every one begins with a day: as in
            ISO 8601, 2020-12-31, 2020/12/31 or 2020.12.31; or 31.12.2020 or 12/31/2020, or with
            slashes or points 31/12/20, with the day or the month first, whichever all of them can
            be: both, where they can be both; or with an English month, 31-Dec-2020 or Dec 31, 2020.
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
