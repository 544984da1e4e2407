"""What a reader of a table hands over: rows as they were found, not yet split or encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class RawTable(NamedTuple):
    """A row per example.

    Attributes:
        frame: All columns, the target among them.
        target: The column to tell; None: nobody has said which.
        notes: Sentences on what was read and what was left out.
        warnings: Sentences on what may be meant otherwise than it was read.
    """

    frame: pd.DataFrame
    target: str | None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
