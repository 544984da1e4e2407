"""`CurvesPicture`: the picture of a training that is drawn again and again while it trains."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...reports.figures.curve_view import CurveView
from ...runs.atomic_files import write_bytes
from .drawing_pace import DrawingPace
from .history_table import STEP, HistoryTable
from .notebook import NotebookPicture
from .tolerant_writer import TolerantWriter


class CurvesPicture:
    """Draws curves.png and curves.svg in a folder, and shows them where there is a notebook.

    Args:
        folder: Where to draw; the batches.csv there is drawn too.
        view: How to draw.
        title: Title above the panels.
        seconds: See `DrawingPace`.
        writer: Writes the files.
    """

    def __init__(
        self,
        folder: Path,
        view: CurveView,
        title: str | None,
        seconds: float | None,
        writer: TolerantWriter,
    ) -> None:
        self.outputs: Sequence[str] = ()
        self._folder = folder
        self._view = view
        self._title = title
        self._writer = writer
        self._pace = DrawingPace(seconds)
        self._notebook = NotebookPicture()

    def is_due(self, epochs: int) -> bool:
        """Whether to draw now that this many epochs are recorded."""
        return self._pace.is_due(epochs)

    def draw(self, table: HistoryTable) -> None:
        """Draw what is in the table."""
        from ...reports.figures.history_figure import history_figure
        from ...reports.figures.picture import png_bytes, svg_bytes
        from ...reports.read.batch_rows import read_batches
        from ...reports.read.named_histories import NamedHistory

        with self._pace.timed():
            history = table.frame()
            view = self._view
            if view.x == "step" and not np.isfinite(history.get(STEP, np.nan)).any():
                view = replace(view, x="epoch")
            training = NamedHistory("", history, read_batches(self._folder))
            figure = history_figure([training], view, outputs=self.outputs, title=self._title)
            png, svg = png_bytes(figure), svg_bytes(figure)
            self._notebook.show(png)
            self._writer.write(lambda: write_bytes(self._folder / "curves.png", png))
            self._writer.write(lambda: write_bytes(self._folder / "curves.svg", svg))
