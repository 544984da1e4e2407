"""Columns that tell which of several series a row of a table belongs to."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .name_words import words_of
from .table_dates import holds_dates

if TYPE_CHECKING:
    import pandas as pd

#: At so many times all series must be there for them to be no chance.
_LEAST_TIMES = 10
#: Words in names of what tells the time within a day or a row's place, and no series.
_FINER_TIMES = frozenset(
    {
        *("hour", "hours", "hr", "h", "time", "minute", "min", "second", "sec", "quarter", "half"),
        *("slot", "period", "shift", "session", "step", "t", "block", "interval", "index", "idx"),
        *("row", "cycle", "timestep", "timestamp"),
    }
)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


class SeriesColumns:
    """The columns of a table that could tell series apart: of texts, or of whole numbers.

    Args:
        frame: All rows.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    @cached_property
    def _texts(self) -> dict[str, np.ndarray]:
        """A number for each kind of text, by column."""
        frame = self._frame
        return {
            str(name): _codes(frame[name].astype(str))
            for name in frame.columns
            if _is_text(frame[name])
        }

    @cached_property
    def _numbers(self) -> dict[str, np.ndarray]:
        frame = self._frame
        return {str(name): _codes(frame[name]) for name in frame.columns if _is_whole(frame[name])}

    def changing_where_back(self, time: str, times: np.ndarray) -> str | None:
        """Return the column that changes wherever times that else rise go back, if any.

        Args:
            time: The column of times.
            times: Of the rows, (n,).
        """
        steps = np.diff(times)
        back = steps < 0
        if not (steps > 0).any():
            return None
        for name, codes in {**self._texts, **self._numbers}.items():
            changes = codes[1:] != codes[:-1]
            # What changes in most rows does so there as well, by chance; numbers do so elsewhere.
            is_there = (
                changes[back].all() and 2 * changes.sum() <= len(changes)
                if name in self._texts
                else np.array_equal(changes, back)
            )
            # Each series has a value of its own: a day of the week comes again.
            if name != time and is_there and changes.sum() == codes.max():
                return name
        return None

    def changing_at_each_time(self, time: str, times: np.ndarray) -> str | None:
        """Return the column of which most values come once, and no more, at each time, if any.

        Args:
            time: The column of times.
            times: Of the rows, (n,), which never fall.
        """
        places = np.concatenate([[0], np.cumsum(np.diff(times) > 0)])
        count = int(places[-1]) + 1
        if count < _LEAST_TIMES or 2 * len(times) < 3 * count:
            return None
        for name, codes in {**self._texts, **self._numbers}.items():
            kinds = int(codes.max()) + 1
            if name == time or not _FINER_TIMES.isdisjoint(words_of(name)):
                continue
            pairs = places * kinds + codes
            if 2 * len(codes) >= count * kinds and len(np.unique(pairs)) == len(codes):
                return name
        return None


def _codes(values: pd.Series) -> np.ndarray:
    return np.asarray(values.factorize(use_na_sentinel=False)[0])


def _is_whole(values: pd.Series) -> bool:
    from pandas.api import types

    if not types.is_numeric_dtype(values) or types.is_bool_dtype(values):
        return False
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    return bool(np.isfinite(numbers).all() and np.array_equal(numbers, np.trunc(numbers)))


def _is_text(values: pd.Series) -> bool:
    from pandas.api import types

    if types.is_numeric_dtype(values) or types.is_datetime64_any_dtype(values):
        return False
    is_clock = all(_CLOCK.match(text) for text in values.dropna().astype(str))
    return not is_clock and not holds_dates(values)
