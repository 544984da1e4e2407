"""What a reader of a table returns: rows as they were found, not yet split or encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class RawTable(NamedTuple):
    """A row per example.

    Attributes:
        frame: All columns, the target among them.
        target: The column to predict; None: it was not named.
        notes: Sentences on what was read and what was left out.
        warnings: Sentences on what may have been meant in another way.
    """

    frame: pd.DataFrame
    target: str | None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
