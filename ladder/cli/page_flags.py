"""The flag that opens a page on which a command's studies can be followed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ...training.errors import LadderError
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
    def shown_if_asked(self, flags: RunFlags, default: Path) -> Iterator[None]:
        """Serves the page until the context ends, and opens it, where the flags ask for it.

        A command that only tells what it would train has none.

        Args:
            flags: where runs are trained.
            default: the folder where they name none.

        Raises:
            LadderError: for a port of no page, one that is taken, or a package that is missing.
        """
        if self.port is not None and not self.open:
            raise LadderError("--port goes with --open.")
        if not self.open or flags.dry_run:
            yield
            return
        from ..watching.opened_page import open_page
        from ..watching.web_server import served

        with served(flags.out or default, self.port or 0, of_command=True) as address:
            say(f"Follow it at {address} until it ends.")
            open_page(address)
            yield
