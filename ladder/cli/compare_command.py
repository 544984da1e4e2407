"""The command ``trickbook compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...runs.atomic_files import write_text
from ...training.errors import LadderError
from .printed_tables import print_words
from .screen import say


def compare(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Folders of studies, the reference first."),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write it to this Markdown file.")
    ] = None,
) -> None:
    """Show studies of several folders side by side, each arm against the first folder's.

    Arms are paired if their data, budget and seeds are the same; otherwise the reason is given.
    """
    from ...reports.pages.side_by_side_page import gather_side_by_side, side_by_side_markdown

    if out is not None and out.suffix != ".md":
        raise LadderError(f"--out takes a file that ends in .md. Received: {out}")
    studies = gather_side_by_side([str(folder) for folder in folders])
    for study in studies:
        say(study.title)
        for table in study.tables:
            say(f"\n{table.title}")
            print_words(table)
        say("")
        for text in study.differs:
            say(text)
    if out is not None:
        write_text(out, side_by_side_markdown(studies))
        say(f"\nWritten to {out}")
