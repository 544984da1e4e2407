"""The command ``trickbook watch``."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from ...runs.study_files import study_files
from ...training.errors import LadderError
from .options import Port
from .screen import say


def watch(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of a study, or a folder of runs.")
    ],
    port: Port = None,
    opens: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Follow a study as it runs, on a page for the browsers of this machine.

    The page shows arms, seeds, curves, the verdicts so far and the time left. It only reads the
    folder. Ctrl-C ends it.
    """
    from ..watching.opened_page import open_page
    from ..watching.web_server import served

    _check_watchable(folder)
    with suppress(KeyboardInterrupt), served(folder, port or 0) as address:
        say(f"{folder} is shown at {address} until Ctrl-C.")
        if opens:
            open_page(address)
        threading.Event().wait()


def _check_watchable(folder: Path) -> None:
    if not folder.is_dir():
        raise LadderError(f"There is no folder {folder}.")
    has_runs = any(folder.glob("*/run.json")) or any(folder.glob("*/*/run.json"))
    if not (study_files(folder) or (folder / "runs").is_dir() or has_runs):
        raise LadderError(
            f"There is no study in {folder}, and no run. Give the --out folder of `trickbook run`, "
            "or the folder that holds the folders of LearningCurves."
        )
