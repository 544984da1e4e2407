"""The command ``trickbook report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .printed_tables import print_comparison, print_table
from .screen import say


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A ladder's folder, or one of runs.")
    ],
) -> None:
    """Write the report of a folder anew from the runs that are in it."""
    from ...reports.pages.report import write_report

    written = write_report(folder)
    show = print_comparison if "comparison" in written.frame else print_table
    show(written.frame)
    say(f"Report: {folder / 'report.html'}")
