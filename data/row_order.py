"""Whether the rows of a table are in order of time, where their order is taken for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .name_words import last_word
from .table_dates import holds_dates, readings

if TYPE_CHECKING:
    import pandas as pd

#: Last words of the names of numbers that are times and, unlike an hour or a month, never start
#: anew in a calendar.
_TIMES = frozenset({"timestamp", "datetime", "year", "cycle", "step", "timestep"})
#: Last words of the names of columns that hold the time within a day and do not name a series.
_WITHIN_A_DAY = frozenset(
    {"hour", "hr", "h", "time", "minute", "min", "quarter", "half", "slot", "period", "shift"}
)
#: With fewer different times than this, what looks like several series could be chance.
_LEAST_TIMES = 10


def order_warnings(
    frame: pd.DataFrame, names: Sequence[str], numbers: Sequence[str], *, has_windows: bool
) -> Iterator[str]:
    """Yield a sentence for each column of times if none of them rises with the rows.

    For a column of times that rises, yield a sentence if windows of rows would mix several series.

    Args:
        frame: All rows, whose order is taken for that of time.
        names: Names of the columns to search for dates.
        numbers: Names of the inputs that are numbers; they may be times if there are no dates.
        has_windows: Whether the examples are windows of rows.
    """
    dates = {name: [*readings(frame[name])] for name in names}
    times = {name: ways for name, ways in dates.items() if ways} or {
        name: [frame[name]] for name in numbers if last_word(name) in _TIMES
    }
    rising = {
        name: way
        for name, ways in times.items()
        for way in ways
        if way.dropna().is_monotonic_increasing
    }
    for name in () if rising else times:
        yield (
            f"Column {name!r} does not rise from row to row, and the order of the rows is taken "
            "for that of time. If it holds the times of the rows, sort them by it; if there are "
            "several series, give one of them."
        )
    for name, way in rising.items() if has_windows else ():
        if series := _column_of_series(frame.drop(columns=name), way):
            yield (
                f"Rows of one {name!r} differ in column {series!r}. If that tells several series "
                "apart, a window mixes them: give a table of one series."
            )


def _column_of_series(frame: pd.DataFrame, times: pd.Series) -> str | None:
    """Return a column that seems to tell several series apart, if there is one.

    Its values never occur twice at one time, and on average occur at half of the times or more.
    """
    from pandas.api import types

    count = times.nunique()
    if count < _LEAST_TIMES or 2 * len(frame) < 3 * count:
        return None
    for name, values in frame.items():
        if (
            2 * len(frame) >= count * values.nunique()
            and not frame.groupby([times, values], dropna=False).size().gt(1).any()
            and not types.is_float_dtype(values)
            and last_word(str(name)) not in _WITHIN_A_DAY
            and not holds_dates(values)
        ):
            return str(name)
    return None
