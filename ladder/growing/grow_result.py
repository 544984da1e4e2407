"""What a growth returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ...reports.analysis.races import last_set
from ...runs.lock import locked
from ...runs.run_folder import Run
from ...training.errors import LadderError
from ..result import LadderResult, best_run
from .aim import FILE, Aim
from .grown_file import NAME
from .growth import Growth
from .record_file import read_growth


@dataclass(frozen=True)
class GrowResult(LadderResult):
    """A grown ladder; it shows itself as the report in a notebook.

    Attributes:
        growth: what was raced and decided.
        ladder_file: the ladder file that climbs it.
    """

    growth: Growth = field(default_factory=Growth)
    ladder_file: Path = Path()

    @property
    def ok(self) -> bool:
        """Whether all last runs are done; a run that fails in a race is a result."""
        last = last_set(self.run_set()).rungs
        lacking = (rung.failed or rung.unfinished or rung.not_started for rung in last)
        return not self.lost and not any(lacking)

    def best(self) -> Run:
        """Returns the best run, by the deciding validation figure, of the grown model.

        Raises:
            LadderError: if none of its last runs is done.
        """
        run_set = last_set(self.run_set())
        if not run_set.rungs or not run_set.rungs[-1].done:
            raise LadderError(f"No run of the grown model is done in {self.folder}.")
        return best_run(run_set, run_set.rungs[-1])

    @property
    def model(self) -> Path:
        """The model.keras of the best run; the file exists unless models were not to be kept."""
        return self.best().folder / "model.keras"


def grow_result(aim: Aim, out: Path, lost: dict[str, str]) -> GrowResult:
    """Writes the report of a growth in its folder, and returns the result."""
    growth = read_growth(aim, out)
    with locked(out):
        return GrowResult.reported(out, FILE, lost, growth=growth, ladder_file=out / NAME)
