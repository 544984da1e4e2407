"""The command ``trickbook predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .screen import say, say_error


def predict(
    run: Annotated[
        Path, typer.Argument(help="A run's folder, with model.keras and run.json in it.")
    ],
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Image files.")],
) -> None:
    """Tell the classes of images and their probabilities, by a trained run."""
    from ..predict import predict_files

    found = predict_files(run, images)
    for path, chances in found.chances.items():
        shown = "  ".join(f"{name} {chance:.3f}" for name, chance in chances[:5])
        say(f"{path}: {shown}")
    for reason in found.unreadable.values():
        say_error(reason)
    if found.unreadable:
        raise typer.Exit(1)
