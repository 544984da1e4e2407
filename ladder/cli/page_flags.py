"""The flags for a page on which a command's studies can be followed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from .flags import RunFlags, check_goes_with
from .options import Port
from .screen import say


@dataclass(frozen=True)
class PageFlags:
    """Whether to show a page that follows the training."""

    open: Annotated[
        bool,
        typer.Option(
            "--open", help="Follow the training in a browser, on the page of trickbook watch."
        ),
    ] = False
    port: Port = None

    @contextmanager
    def shown_if_asked(self, flags: RunFlags, study: str) -> Iterator[None]:
        """Serves the page until the context ends, and opens it, if the flags ask for it.

        A dry run has no page.

        Args:
            flags: where runs are trained.
            study: name of the study.

        Raises:
            LadderError: for a port without a page, a port that is taken, or a missing package.
        """
        if not self.open:
            check_goes_with("--open", port=self.port)
        if not self.open or flags.dry_run:
            yield
            return
        from ..watching.opened_page import open_page
        from ..watching.web_server import served

        with served(flags.folder(study), self.port or 0, of_command=True) as address:
            say(f"Follow it at {address} until it ends.")
            open_page(address)
            yield
