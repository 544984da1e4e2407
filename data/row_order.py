"""Whether the rows of a table, whose order is taken for that of time, are in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .name_words import last_word
from .table_dates import readings
from .table_series import SeriesColumns

if TYPE_CHECKING:
    import pandas as pd

#: Last words of names of times that start anew in no calendar, and of those that may do so.
_TIMES = frozenset({"timestamp", "datetime", "year", "cycle", "step", "timestep"})
_CLOCKS = frozenset({"time", "t", "week"})
#: Last words of names of times, the coarse ones first: within a year the months begin anew.
_FROM_COARSE = (
    *("year", "yr", "quarter", "season", "month", "mnth", "week", "day", "date", "hour", "hr"),
    *("minute", "min", "second", "sec", "datetime", "timestamp", "time", "t", "cycle", "step"),
    "timestep",
)


def order_warnings(
    frame: pd.DataFrame, names: Sequence[str], numbers: Sequence[str], *, has_windows: bool
) -> Iterator[str]:
    """Yield a sentence for each column of times that do not rise with the rows.

    Where they do, one is yielded if windows of rows would mix several series.

    Args:
        frame: All rows, whose order is taken for that of time.
        names: Of the columns to look at for dates.
        numbers: Of the inputs that are numbers, to look at for times where no dates rise.
        has_windows: Whether windows of rows are the examples.
    """
    order = _Order(frame, SeriesColumns(frame), has_windows)
    are_dated = False
    for name in names:
        if ways := [*readings(frame[name])]:
            rising = [dates for dates in ways if dates.dropna().is_monotonic_increasing]
            are_dated = are_dated or bool(rising)
            yield from order.of_dates(name, ways, rising)
    if not are_dated:
        for name in numbers:
            yield from order.of_numbers(name)


@dataclass(frozen=True)
class _Order:
    frame: pd.DataFrame
    series: SeriesColumns
    has_windows: bool

    def of_dates(self, name: str, ways: list[pd.Series], rising: list[pd.Series]) -> Iterator[str]:
        """Judge a column of dates by the ways to read it, and those of them in which it rises."""
        if rising:
            yield from self._side_by_side(name, _as_numbers(rising[0]))
            return
        found = [self.series.changing_where_back(name, _as_numbers(dates)) for dates in ways]
        series = next((one for one in found if one is not None), None)
        if series is not None:
            yield self._several(f"The dates of column {name!r} go back", series)
        else:
            yield (
                f"The dates of column {name!r} do not rise from row to row, and the order of the "
                "rows is taken for that of time. Sort the rows by it; of several series give one."
            )

    def of_numbers(self, name: str) -> Iterator[str]:
        """Judge a column of numbers, which may be times."""
        times = self.frame[name].ffill().bfill().to_numpy(dtype="float64")
        steps, word = np.diff(times), last_word(name)
        is_time = word in _TIMES or word in _CLOCKS
        falls, rises = int((steps < 0).sum()), int((steps > 0).sum())
        if not falls:
            if is_time and rises:
                yield from self._side_by_side(name, times)
        elif not rises:
            # Of what has no name of a time only what counts rows from the last is suspicious.
            if is_time or (steps == steps[0]).all():
                yield (
                    f"Column {name!r} falls from row to row, and the order of the rows is taken "
                    "for that of time. If it is the time, sort the rows by it."
                )
        elif is_time and rises >= 2 * falls and not self._rises_within_coarser(name):
            series = self.series.changing_where_back(name, times)
            if series is not None:
                yield self._several(f"Column {name!r} goes back", series)
            elif word in _TIMES:
                yield (
                    f"Column {name!r} rises and goes back again, {falls:,} times, and the order of "
                    "the rows is taken for that of time. If it is the time, sort the rows by it; "
                    "of several series give one."
                )

    def _side_by_side(self, name: str, times: np.ndarray) -> Iterator[str]:
        if self.has_windows and (series := self.series.changing_at_each_time(name, times)):
            yield (
                f"Rows of one {name!r} differ in column {series!r}: the table seems to hold "
                "several series side by side, which a window would mix. Give a table of one series."
            )

    def _several(self, what: str, series: str) -> str:
        but = "" if self.has_windows else ", unless it is to keep each of them together"
        return (
            f"{what} where column {series!r} changes: the table seems to hold several series, one "
            "after the other, and the order of its rows is taken for that of time. Give a table of "
            f"one series{but}."
        )

    def _rises_within_coarser(self, name: str) -> bool:
        """Whether a time starts anew where a longer one has gone on, as months in years."""
        rank = _FROM_COARSE.index(last_word(name))
        ranks = {
            str(other): _FROM_COARSE.index(word)
            for other in self.frame.select_dtypes("number").columns
            if (word := last_word(str(other))) in _FROM_COARSE
        }
        coarser = sorted((one for one in ranks if ranks[one] < rank), key=ranks.__getitem__)
        times = self.frame[[*coarser, name]].ffill().bfill()
        # The last key is the first to be sorted by; rows of one time keep their order.
        order = np.lexsort([times[one].to_numpy() for one in reversed([*coarser, name])])
        return bool((np.diff(order) > 0).all())


def _as_numbers(dates: pd.Series) -> np.ndarray:
    """Times as numbers, each gap the time before it."""
    times = dates.ffill().bfill().dt.tz_localize(None)
    return np.asarray(times.to_numpy().astype("int64"))
