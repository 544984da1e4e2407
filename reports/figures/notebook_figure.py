"""`NotebookFigure`: a figure that a notebook shows although pyplot does not know it."""

from __future__ import annotations

from matplotlib.figure import Figure

from .picture import png_bytes


class NotebookFigure(Figure):
    """A figure that IPython can show as the last value of a cell; elsewhere like any other."""

    def _repr_png_(self) -> bytes:
        return png_bytes(self)
