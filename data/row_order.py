"""Whether the rows of a table, whose order is taken for that of time, are in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .name_words import last_word
from .table_dates import holds_dates, readings

if TYPE_CHECKING:
    import pandas as pd

#: Last words of names of numbers that are times and, unlike an hour or a month, begin anew in no
#: calendar.
_TIMES = frozenset({"timestamp", "datetime", "year", "cycle", "step", "timestep"})
#: Last words of names of what tells the time within a day, and no series.
_WITHIN_A_DAY = frozenset(
    {"hour", "hr", "h", "time", "minute", "min", "quarter", "half", "slot", "period", "shift"}
)
#: At so many times all series must be there for them to be no chance.
_LEAST_TIMES = 10


def order_warnings(
    frame: pd.DataFrame, names: Sequence[str], numbers: Sequence[str], *, has_windows: bool
) -> Iterator[str]:
    """Yield a sentence for each column of times if none rises with the rows.

    Where one does, a sentence is yielded if windows of rows would mix several series.

    Args:
        frame: All rows, whose order is taken for that of time.
        names: Of the columns to look at for dates.
        numbers: Of the inputs that are numbers, to look at for times where there are no dates.
        has_windows: Whether windows of rows are the examples.
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
            "for that of time. If it holds the times of the rows, sort them by it; of several "
            "series give one."
        )
    for name, way in rising.items() if has_windows else ():
        if series := _column_of_series(frame.drop(columns=name), way):
            yield (
                f"Rows of one {name!r} differ in column {series!r}. If that tells several series "
                "apart, a window mixes them: give a table of one series."
            )


def _column_of_series(frame: pd.DataFrame, times: pd.Series) -> str | None:
    """Return a column of which most values come once, and no more, at each time, if any."""
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
