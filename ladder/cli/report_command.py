"""The command ``trickbook report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .printed_tables import print_report


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A ladder's folder, or one of runs.")
    ],
) -> None:
    """Write the reports of a folder anew from the runs that are in it."""
    from ...reports.pages.study_report import write_all

    for written in write_all(folder):
        print_report(written)
