"""What every page is made of: an opening, and foldable parts with tables and pictures.

A ladder, runs without one and every other study fill the same `Facts`, from which the same
templates make both pages. A ladder is a comparison in which each arm builds on another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..figures.pictures import Picture

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Table:
    """A table in words."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    best: str = ""
    """The first cell of the best row; empty if none is the best."""
    kinds: Sequence[str] = ()
    """The verdict on each row, such as `helps`; empty where rows are not judged."""
    note: str = ""
    """How to read it."""


@dataclass(frozen=True)
class Part:
    """A foldable part of a page: its fields are shown in the order in which they stand here."""

    title: str
    texts: Sequence[str] = ()
    """A paragraph each."""
    items: Sequence[str] = ()
    shown: Sequence[Table | Picture] = ()
    notes: Sequence[str] = ()
    parts: Sequence[Part] = ()
    is_open: bool = False

    @property
    def pictures(self) -> Iterator[Picture]:
        """Its pictures, and those of the parts in it."""
        yield from (one for one in self.shown if isinstance(one, Picture))
        for part in self.parts:
            yield from part.pictures


@dataclass(frozen=True)
class Decided:
    """What decides between arms that are compared with each other."""

    table: Table
    pictures: Sequence[Picture] = ()
    title: str = ""
    """What the arms have in common; empty where all are compared with one another."""
    headline: str = ""
    verdicts: str = ""
    """How many arms help, hurt, ...; empty if the arms are not judged."""
    certainty: str = ""
    """What the verdicts rest on."""


@dataclass(frozen=True)
class Made:
    """Where the figures come from."""

    commands: list[str]
    data: list[tuple[str, str]]
    software: list[tuple[str, str]]
    machines: list[str]
    created: str


@dataclass(frozen=True)
class Facts:
    """What the pages of a set of runs say."""

    title: str
    frame: pd.DataFrame
    """The main table as numbers, for the CSV."""
    headline: list[str]
    """What the runs show, a paragraph each."""
    decided: list[Decided]
    parts: list[Part]
    notes: Sequence[str]
    """How to read it, a text each."""
    made: Made
    warnings: list[str]
    best: tuple[str, str] | None = None
    """The best arm and its figures, if a line with them opens the page instead."""
    in_words: list[str] = field(default_factory=list)
    """What else the runs show, which the HTML page folds away."""
    alarm: str = ""
    """What makes all verdicts doubtful."""

    @property
    def table(self) -> Table:
        """The first table that decides."""
        return self.decided[0].table

    @property
    def words(self) -> list[Part]:
        """`in_words` as a part of the page; an empty list if there are none."""
        return [Part("In words", self.in_words)] if self.in_words else []

    @property
    def reading(self) -> Part:
        """`notes` as a part of the page."""
        return Part("How to read it", items=self.notes)

    @property
    def drawn(self) -> list[Picture]:
        """The pictures that belong to the report."""
        opening = [picture for decided in self.decided for picture in decided.pictures]
        return opening + [picture for part in self.parts for picture in part.pictures]
