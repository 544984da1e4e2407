"""A picture in a notebook that is replaced while a cell runs."""

import importlib
import sys
from typing import Any


class NotebookPicture:
    """Shows pictures in a notebook, each replacing the one before.

    In a script, or in IPython's terminal, it shows nothing; IPython is not imported there.
    """

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, png: bytes) -> None:
        """Show a picture in the output of the running cell, replacing the one before."""
        if not in_notebook():
            return
        display = importlib.import_module("IPython.display")
        picture = display.Image(data=png, format="png")
        if self._handle is None:
            self._handle = display.display(picture, display_id=True)
        else:
            self._handle.update(picture)


def in_notebook() -> bool:
    """Whether this code runs in the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return hasattr(shell, "kernel")
