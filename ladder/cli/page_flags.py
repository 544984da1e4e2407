"""The flag that opens a page on which a command's studies can be followed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ...training.errors import LadderError
from ..studies.study import Study
from ..studies.study_folder import default_folder
from .flags import RunFlags
from .options import Port
from .screen import say


@dataclass(frozen=True)
class PageFlags:
    """Whether a page follows what is trained."""

    open: Annotated[
        bool,
        typer.Option("--open", help="Follow it on a page in a browser, as trickbook watch shows."),
    ] = False
    port: Port = None

    @contextmanager
    def shown(self, folder: Path) -> Iterator[None]:
        """Serves the page of a folder, and opens it, until the context ends.

        Args:
            folder: that the command trains in; it need not be there yet.

        Raises:
            LadderError: for a port that is taken, or a package that is missing.
        """
        from ..watching.opened_page import open_page
        from ..watching.web_server import served

        with served(folder, self.port or 0, of_command=True) as address:
            say(f"Follow it at {address} until it ends.")
            open_page(address)
            yield

    @contextmanager
    def shown_if_asked(self, study: Study, flags: RunFlags) -> Iterator[None]:
        """As `shown` in the study's folder, where the flags ask for it and something is trained.

        Raises:
            LadderError: for a port of no page, one that is taken, or a package that is missing.
        """
        if self.port is not None and not self.open:
            raise LadderError("--port goes with --open.")
        if not self.open or flags.dry_run:
            yield
            return
        with self.shown(flags.out or default_folder(study.name)):
            yield
