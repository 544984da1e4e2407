"""The command ``trickbook report``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ...training.errors import LadderError
from .printed_tables import print_report
from .screen import say


class Format(StrEnum):
    """What a report can be besides pages."""

    CSV = "csv"
    JSON = "json"
    MLFLOW = "mlflow"


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of a study, or a folder of runs.")
    ],
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="Instead of pages: csv prints a row per run, json prints all that is known, and "
            "mlflow writes the runs to a tracking store.",
        ),
    ] = None,
    mlflow: Annotated[
        str | None,
        typer.Option(
            metavar="URI",
            help="With --format mlflow: the tracking store, or a folder for one.",
            show_default="MLflow's own setting",
        ),
    ] = None,
) -> None:
    """Write the reports of a folder anew, from the runs in it."""
    if mlflow is not None and form is not Format.MLFLOW:
        raise LadderError("--mlflow says where --format mlflow writes to; give both.")
    if form is None:
        _write_pages(folder)
    elif form is Format.MLFLOW:
        _write_to_mlflow(folder, mlflow)
    else:
        print(_text(folder, form), end="")


def _write_pages(folder: Path) -> None:
    from ...reports.pages.study_report import write_all

    for written in write_all(folder):
        print_report(written)


def _text(folder: Path, form: Format) -> str:
    if form is Format.CSV:
        from ...reports.export.run_table import run_table

        return run_table(folder).to_csv(index=False, lineterminator="\n")
    from ...reports.export.study_json import studies_json

    return studies_json(folder)


def _write_to_mlflow(folder: Path, store: str | None) -> None:
    from ...reports.export.mlflow_store import write_to_mlflow

    written = write_to_mlflow(folder, store)
    say(
        f"MLflow: {written.added} runs added to the experiment {written.experiment}, "
        f"{written.present} were there already."
    )
