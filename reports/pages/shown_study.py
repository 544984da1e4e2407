"""What a kind of study puts on its page, besides what every study's page has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..figures.pictures import Picture
from .facts import Part, Table

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
    parts: Sequence[Part] = ()
    """What else only this kind of study has."""
