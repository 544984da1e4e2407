"""`as_history`: whatever records a training, as one table of its epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...runs.errors import ReportError
from ...runs.history import is_tidy, read_history, tidy_history

if TYPE_CHECKING:
    import pandas as pd


def as_history(value: Any) -> pd.DataFrame:
    """A row per epoch, as `trickbook.runs.history.read_history` returns it.

    Keras keeps a list per metric, but not in which epochs it was measured. A list shorter than the
    others is assumed to hold every k-th epoch, as with `validation_freq=k` (the largest such k), or
    every k-th and the last, as with `trickbook.callbacks.CleanEvaluation(every=k)`; if no k gives
    that many values, the last epochs, as for a metric that was added late. A DataFrame or a file
    holds its epochs and needs no such guess.

    Args:
        value: What `fit` returns; its `.history` or any other dict of lists by metric; a DataFrame
            of a row per epoch; the path of a history.csv, or of a file that Keras's `CSVLogger`
            wrote; or the folder of a run. An `epoch` column that begins at 0 is shifted to begin
            at 1; without one, epochs are counted from 1. A `History` that was used in several fits
            holds their epochs one after another, numbered consecutively.

    Returns:
        `epoch`, from 1 and in order, and a float column per metric, NaN where it was not measured.
        Arrays of several values per epoch give columns `f1/0`, `f1/1`; what is not a number is left
        out.

    Raises:
        FileNotFoundError: There is no such file.
        ReportError: A folder without a history.csv, or a file of another kind.
        TypeError: `value` is none of these.

    Example:
    >>> history = {"loss": [2.0, 1.0, 0.5, 0.25], "val_loss": [1.5, 1.25]}
    >>> trickbook.reports.read.as_history.as_history(history)["val_loss"].tolist()
    [nan, 1.5, nan, 1.25]
    """
    import pandas as pd

    if isinstance(value, str | Path):
        return _from_path(Path(value))
    if isinstance(value, pd.DataFrame):
        return _from_frame(value)
    if isinstance(value, Mapping):
        return _from_lists(value, [])
    if isinstance(getattr(value, "history", None), Mapping):  # keras.callbacks.History
        return _from_lists(value.history, getattr(value, "epoch", []))
    raise TypeError(
        "A history is what `fit` returns, a dict of lists by metric, a DataFrame, or the path of a "
        f"history.csv or of a run's folder. Received: value={value!r}"
    )


def _from_path(path: Path) -> pd.DataFrame:
    if not path.is_dir():
        return read_history(path)
    if not (path / "history.csv").is_file():
        raise ReportError(f"{path} is not the folder of a run: there is no history.csv in it.")
    return read_history(path / "history.csv")


def _from_frame(table: pd.DataFrame) -> pd.DataFrame:
    if "epoch" in table:
        return table if is_tidy(table) else tidy_history(table)
    return tidy_history(table.assign(epoch=np.arange(1, len(table) + 1)))


def _from_lists(lists: Mapping[str, Any], epochs: Sequence[int]) -> pd.DataFrame:
    """The table of a Keras history; `epochs`, from 0, are those of its last fit."""
    import pandas as pd

    columns = {name: array for key in lists for name, array in _columns(str(key), lists[key])}
    length = max(map(len, columns.values()), default=0)
    numbers = np.arange(1, length + 1)
    if "epoch" in columns:
        numbers = columns.pop("epoch").astype(int)
        numbers = numbers + 1 if length and numbers[0] == 0 else numbers
    elif len(epochs) == length:
        numbers = np.asarray(epochs, dtype=int) + 1
    table = pd.DataFrame({"epoch": numbers}, index=numbers)
    for name, array in columns.items():
        table[name] = pd.Series(array, index=_measured_in(numbers, len(array)))
    return tidy_history(table)


def _columns(name: str, values: Any) -> list[tuple[str, np.ndarray]]:
    """The columns of one metric: one, or one for each of several values; none of what is text."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return []
    if array.ndim < 2:
        return [(name, array)] if array.ndim else []
    flat = array.reshape(len(array), math.prod(array.shape[1:]))
    return [(f"{name}/{place}", flat[:, place]) for place in range(flat.shape[1])]


def _measured_in(epochs: np.ndarray, count: int) -> np.ndarray:
    """Which of `epochs` the `count` values of a metric belong to; see `as_history`."""
    if count == len(epochs):
        return epochs
    last = epochs == epochs[-1]
    for also in (np.zeros_like(last), last):
        for every in range(int(epochs[-1]), 1, -1):
            chosen = epochs[(epochs % every == 0) | also]
            if len(chosen) == count:
                return chosen
    return epochs[len(epochs) - count :]
