"""Rows of one patient, user or the like that are in training and in what judges it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .complete_parts import SPLITS
from .name_words import words_of

if TYPE_CHECKING:
    import pandas as pd

#: Last words of the name of a column that says whose row it is.
_OWNERS = frozenset(
    {
        *("id", "patient", "subject", "participant", "person", "user", "customer", "household"),
        "group",
    }
)
_NUMBERS = frozenset({"no", "nr", "num", "number", "code", "key"})
#: A column with no more values than this holds kinds, such as blood groups, and not owners.
_FEW = 10


def group_warnings(
    frame: pd.DataFrame, names: Sequence[str], rows: Mapping[str, np.ndarray]
) -> Iterator[str]:
    """Yield a warning for each column with owners of rows, such as patients, in several parts.

    Args:
        frame: All rows.
        names: Names of the columns to look at.
        rows: Positions of the rows of `train`, `val` and `test`, split at random.
    """
    for name in names:
        if not _names_owners(name) or not _are_owners(frame[name]):
            continue
        values = {split: frame[name].iloc[chosen].dropna() for split, chosen in rows.items()}
        shares = {
            SPLITS[split]: float(values[split].isin(values["train"]).mean())
            for split in ("val", "test")
            if len(values[split])
        }
        if any(shares.values()):
            found = " and ".join(
                f"{100 * share:.0f} % of {part} rows" for part, share in shares.items()
            )
            yield (
                f"{found} have a value of column {name!r} that training rows have too: if rows "
                "with the same value are alike, figures are too optimistic for new values. To keep "
                "values apart, sort the rows by it and set ordered = true in [data]."
            )


def _names_owners(name: str) -> bool:
    words = words_of(name)
    if len(words) > 1 and words[-1] in _NUMBERS:
        words = words[:-1]
    return bool(words) and words[-1] in _OWNERS


def _are_owners(values: pd.Series) -> bool:
    """Whether there are many values, some occur several times, and none has decimals."""
    from pandas.api import types

    kinds = values.nunique()
    if not _FEW < kinds < values.notna().sum():
        return False
    if not types.is_float_dtype(values):
        return True
    numbers = values.dropna().to_numpy(dtype="float64")
    return bool(np.array_equal(numbers, np.trunc(numbers)))
