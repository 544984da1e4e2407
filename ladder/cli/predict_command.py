"""The command ``trickbook predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...runs.atomic_files import write_text
from ..trained.prediction_text import Format, format_for
from .screen import say, say_error


def predict(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="Folder of a run, or of a study, whose best arm by validation then predicts.",
        ),
    ],
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT...",
            help="Pictures, folders of pictures, .npz files with raw pixels in x or x_test, or "
            "CSV or Parquet files for runs on a table.",
        ),
    ],
    arm: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="For a study: use the runs of this arm instead, named by its number, name or "
            "recipe. refit-RUNG uses those of a refit.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="For a study: use only the run with this seed, not the mean over all seeds.",
        ),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="csv and json give the probability of every class.",
            show_default="by the ending of --out, otherwise text",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to this file, not to the screen.")
    ] = None,
) -> None:
    """Predict classes and their probabilities, or numbers, with trained runs."""
    from ..trained.chosen_runs import choose_runs
    from ..trained.predict import predict
    from ..trained.prediction_text import prediction_text

    written_as = format_for(out, form)
    chosen = choose_runs(folder, arm, seed)
    if chosen.taken:
        say(chosen.taken, stderr=True)
    found = predict(chosen.runs, inputs)
    text = prediction_text(found, written_as, [str(run.folder) for run in chosen.runs])
    if out is not None:
        write_text(out, text)
        say(f"Predictions: {out}")
    elif written_as is Format.TEXT:
        say(text.rstrip("\n"))
    else:
        print(text, end="")
    for note in found.notes:
        say(f"Warning: {note}", stderr=True)
    for reason in found.unreadable.values():
        say_error(reason)
    if found.unreadable:
        raise typer.Exit(1)
