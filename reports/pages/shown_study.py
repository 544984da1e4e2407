"""What a kind of study puts on its page, besides what every study's page has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..figures.pictures import Picture
from .comparison_facts import Table
from .tables import DIGITS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ShownStudy:
    """The main part of a study's page."""

    title: str
    headline: list[str]
    """Sentences that say what the study shows, a paragraph each."""
    frame: pd.DataFrame
    """The main table as numbers, for the CSV."""
    table: Table
    """The main table in words."""
    pictures: list[Picture]
    notes: list[str]
    """How to read it, a text each."""
    best: str = ""
    """The first cell of the row that is best; empty where none is."""


def study_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A table of these rows, its figures rounded so that it reads the same whatever sums them."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    for name in frame.columns:
        if frame[name].dtype == "float64":
            frame[name] = frame[name].round(DIGITS) + 0.0  # so that no -0.0 is written
    return frame
