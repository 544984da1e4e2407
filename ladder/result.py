"""The result of a study that was carried out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..reports.analysis.best_rung import best_rung
from ..reports.pages.report import Report, runs_frame
from ..reports.pages.study_report import write_study
from ..reports.read.run_set import Rung, RunSet, read_run_set
from ..runs.run_folder import Run
from ..training.errors import LadderError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LadderResult:
    """The runs of a study in their folder; a notebook shows the result as the report.

    Attributes:
        folder: the study's folder.
        written: the report as it was written when the last run ended.
        frame: a row per run: rung, seed, status and figures.
        lost: runs whose process died, with the reason; running again trains them.
        study: name of the study's file in the folder, without ending.
    """

    folder: Path
    written: Report = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    lost: dict[str, str] = field(default_factory=dict)
    study: str = "ladder"

    @classmethod
    def reported(cls, out: Path, study: str, lost: dict[str, str], **more: Any) -> Self:
        """Writes the report of a study in the folder `out`, and returns the study's result."""
        return cls(out, write_study(out, study), runs_frame(out, study), lost, study, **more)

    @property
    def ok(self) -> bool:
        """Whether every run is done."""
        return not self.lost and bool((self.frame["status"] == "done").all())

    def run_set(self) -> RunSet:
        """Reads the runs from the folder again, sorted into the study's arms."""
        return read_run_set(self.folder, self.study)

    def report(self) -> Report:
        """Writes the study's report anew and returns it."""
        return write_study(self.folder, self.study)

    def best(self) -> Run:
        """Returns the best run of the best rung, by the deciding validation figure.

        Raises:
            LadderError: if no rung is best: no run is done, or none beats the largest class.
        """
        run_set = self.run_set()
        rung = best_rung(run_set)
        if rung is None:
            raise LadderError(
                f"No rung in {self.folder} can be called the best: see {self.folder}/report.md."
            )
        return best_run(run_set, rung)

    def _repr_html_(self) -> str:
        return self.written._repr_html_()


def best_run(run_set: RunSet, rung: Rung) -> Run:
    """Returns the best run of a rung, by the deciding validation figure."""
    sign = run_set.deciding.sign
    pairs = zip(rung.values("val"), rung.done, strict=True)
    return max(pairs, key=lambda pair: sign * pair[0])[1]
