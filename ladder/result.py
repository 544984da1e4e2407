"""What a climbed ladder gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..reports.pages.report import Report, write_report
from ..runs.run_folder import Run, read_run
from ..training.errors import LadderError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LadderResult:
    """The runs of a ladder in their folder; it shows itself as the report in a notebook.

    Attributes:
        folder: the ladder's folder.
        written: the report as it was written when the last run ended.
        frame: a row per run: rung, seed, status and figures.
        lost: runs whose process died, with the reason; running again trains them.
    """

    folder: Path
    written: Report = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    lost: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every run is done."""
        return not self.lost and bool((self.frame["status"] == "done").all())

    def report(self) -> Report:
        """Writes the report of the folder anew and returns it."""
        return write_report(self.folder)

    def best(self) -> Run:
        """Returns the best run of the rung with the best mean validation accuracy.

        Raises:
            LadderError: if no run is done.
        """
        done = self.frame[self.frame["status"] == "done"]
        if done.empty:
            raise LadderError(f"No run in {self.folder} is done, so there is no best one.")
        rung = done.groupby("name")["val_accuracy"].mean().idxmax()
        best = done[done["name"] == rung].sort_values("val_accuracy").iloc[-1]
        return read_run(self.folder / "runs" / best["folder"])

    def _repr_html_(self) -> str:
        return self.written._repr_html_()
