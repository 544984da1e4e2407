"""`trickbook plot`: learning curves from the shell."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...reports.figures.picture import png_bytes, svg_bytes
from ...reports.figures.plot_history import plot_history
from ...runs.atomic_files import write_bytes
from ...runs.errors import ReportError
from .screen import say

_FORMATS = {".png": png_bytes, ".svg": svg_bytes}


def plot(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Folders of runs, run folders, history.csv files or files of Keras's CSVLogger.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Picture to write, .png or .svg.")
    ] = Path("history.png"),
    x: Annotated[str, typer.Option(help="Horizontal axis: epoch, step or time.")] = "epoch",
    smooth: Annotated[
        float,
        typer.Option(metavar="S", help="Smoothing, 0 to below 1; the raw line stays visible."),
    ] = 0.0,
    band: Annotated[
        str | None,
        typer.Option(
            metavar="B", help="Draw seeds as a band: range, or deviation around the mean."
        ),
    ] = None,
    metric: Annotated[
        str | None, typer.Option(metavar="M", help="Draw only this metric, such as accuracy.")
    ] = None,
) -> None:
    """Draw learning curves: every metric of one training, or several trainings, a colour each."""
    if out.suffix.lower() not in _FORMATS:
        raise ReportError(f"--out takes a file that ends in .png or .svg. Received: {out}")
    histories = paths[0] if len(paths) == 1 else paths
    figure = plot_history(histories, metric=metric, x=x, smooth=smooth, band=band)
    write_bytes(out, _FORMATS[out.suffix.lower()](figure))
    say(f"Curves: {out}")
