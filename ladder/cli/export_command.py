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
    form: Annotated[ExportFormat, typer.Option("--format", help="Format to write.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="File to write, or folder for a SavedModel.",
            show_default="named after RUN",
        ),
    ] = None,
) -> None:
    """Write a run's model for use elsewhere: raw pixels in, probabilities out.

    The written model is loaded with the runtime of its format, and is kept only if its outputs
    agree with those of the run's model.
    """
    from ..trained.export_model import export_run

    exported = export_run(run, form, out)
    say(f"Exported: {exported.path}. {exported.about}")
    say(
        f"Checked: on {exported.examples} inputs it agrees with the run's model to "
        f"{exported.difference:.1g}."
    )
