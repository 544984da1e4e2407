"""The command ``trickbook export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..trained.export_model import ExportFormat
from .screen import say


def export(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run's folder, with model.keras in it.")
    ],
    form: Annotated[ExportFormat, typer.Option("--format", help="What to write.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="File, or folder of a SavedModel.", show_default="named for RUN"
        ),
    ] = None,
) -> None:
    """Write a run's model for use elsewhere: raw pixels in, probabilities out.

    What is written is loaded by its own runtime and compared with the run's model before it is
    kept.
    """
    from ..trained.export_model import export_run

    exported = export_run(run, form, out)
    say(f"Exported: {exported.path}. {exported.about}")
    say(
        f"Checked: on {exported.examples} inputs it says what the run's model says, to "
        f"{exported.difference:.1g}."
    )
