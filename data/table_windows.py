"""Consecutive rows of a table as examples of a time series."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .errors import DataError

#: Overlapping windows repeat every row; more values than this (4 GiB) are refused.
MOST_VALUES = 2**30


class Windows(NamedTuple):
    """Which rows an example is made of, and which row holds its target.

    Attributes:
        length: Number of rows in an example.
        horizon: How many rows the target comes after the last of them.
    """

    length: int
    horizon: int

    def target_rows(self, count: int) -> np.ndarray:
        """Return which of `count` rows hold the target of a window before them, in order.

        Raises:
            DataError: If there are too few rows.
        """
        rows = np.arange(self.length - 1 + self.horizon, count)
        if len(rows) < 3:
            raise DataError(
                f"A window of {self.length} rows with its target {self.horizon} after it leaves "
                f"{len(rows)} examples of {count} rows. Give a smaller window (--window), or more "
                "rows."
            )
        return rows

    def input_rows(self, target_rows: np.ndarray) -> np.ndarray:
        """Return the rows of the windows whose targets are in `target_rows`, (n, length)."""
        last = target_rows[:, np.newaxis] - self.horizon
        return last + np.arange(1 - self.length, 1)

    def check_size(self, count: int, columns: int) -> None:
        """Refuse windows that hold more values than `MOST_VALUES`.

        Raises:
            DataError: Naming their number.
        """
        values = count * self.length * columns
        if values > MOST_VALUES:
            raise DataError(
                f"{count:,} windows of {self.length:,} rows with {columns:,} inputs are "
                f"{values:,} values, and at most {MOST_VALUES:,} are held. Give a smaller window "
                "(--window), or fewer columns."
            )

    def all_windows(self, inputs: np.ndarray) -> np.ndarray:
        """Return every window of some rows (n, columns): (n - length + 1, length, columns).

        Raises:
            DataError: If there are fewer rows than a window has.
        """
        if len(inputs) < self.length:
            raise DataError(
                f"A window has {self.length} rows, and the table has {len(inputs)}. Give more rows."
            )
        windows = np.lib.stride_tricks.sliding_window_view(inputs, self.length, axis=0)
        return windows.swapaxes(1, 2)
