"""The folder in which a growth trains its runs, and where its record is written and read."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from ...recipes import Blueprint
from ...reports.read.run_set import RunSet, read_run_set
from ...runs.run_folder import read_runs
from ..studies.plan import Planner, cost_on
from ..studies.run_options import RunOptions
from ..studies.run_study import train_missing, worker_count
from ..studies.study import Study
from ..studies.study_checks import check_arm
from ..studies.study_folder import write_study_file
from .aim import FILE, Aim
from .book import mirrors
from .grown_file import write_grown
from .growth import Growth


class RunsLostError(Exception):
    """Raised when the process of runs died; `lost` has the runs, with the reason."""

    def __init__(self, lost: dict[str, str]) -> None:
        super().__init__(lost)
        self.lost = lost


class Workbench:
    """The folder of a growth, and what trains there.

    Args:
        aim: what is to be grown.
        out: folder.
        planner: has the prepared data and trains the runs, which do not read the test set.
        options: the options of the last runs.
        console: where messages are printed.
    """

    def __init__(
        self, aim: Aim, out: Path, planner: Planner, options: RunOptions, console: Console
    ) -> None:
        self.aim, self.data = aim, planner.data.whole
        self._out, self._planner, self._options = out, planner, options
        self._console = console

    def train(self, study: Study, *, is_last: bool = False) -> float:
        """Trains the runs of a study that the folder lacks; returns the seconds that it took.

        Args:
            study: what to train.
            is_last: whether to read the test set and to keep models, if the options allow it.

        Raises:
            RunsLostError: if a process died.
        """
        planner = self._last_planner() if is_last else self._planner
        plan, began = planner.plan(study), time.monotonic()
        if not plan.missing:
            return 0.0
        workers = worker_count(self._options, plan)
        if lost := train_missing(planner.executor, plan, workers, self._console):
            raise RunsLostError(lost)
        return time.monotonic() - began

    @property
    def keeps_last(self) -> bool:
        """Whether the last runs leave anything of use: a model or a test figure."""
        return self._options.models or self._options.read_test

    def lacks(self, last: Study) -> bool:
        """Returns whether any of the last runs is missing."""
        return bool(self._last_planner().plan(last).missing)

    def write(self, growth: Growth) -> None:
        """Writes the record with its runs, and the ladder file."""
        details = {
            "mirrored": mirrors(self.aim.spec, self.data),
            "settings": self._planner.settings._asdict(),
        }
        study = self.aim.study(growth, details)
        plan = self._planner.plan(study)
        write_study_file(study, self._out, plan, self._planner.options.written_command)
        write_grown(self.aim, growth, self._out)

    def run_set(self) -> RunSet:
        """Reads the record that was written, and the runs as they are now."""
        return read_run_set(self._out, FILE)

    def finished(self) -> tuple[str, ...]:
        """Returns the fingerprints of all runs in the folder that are done, of any study."""
        runs = read_runs(self._out / "runs")
        return tuple(run.fingerprint for run in runs if run.fingerprint and run.status == "done")

    def say(self, text: str) -> None:
        """Prints a text for the user."""
        self._console.print(text)

    def fits_data(self, blueprint: Blueprint) -> None:
        """Refuses a model that does not suit the data, such as one for images on rows of a table.

        Raises:
            LadderError: saying what does not fit.
        """
        check_arm("trick", blueprint, self.data)

    def builds(self, blueprint: Blueprint, name: str) -> None:
        """Refuses a model that cannot be built.

        Raises:
            LadderError: saying why.
        """
        self.fits_data(blueprint)
        self._planner.executor.check(blueprint, name)

    def cost(self, blueprint: Blueprint) -> float:
        """Returns what a run of the model costs, in multiplications."""
        return cost_on(self.data, blueprint, self.data["train"])

    def workers(self) -> int:
        """Returns how many runs train at a time if there are enough of them."""
        return self._options.jobs or self._planner.plan(self.aim.study(Growth())).room

    def _last_planner(self) -> Planner:
        asked = self._options
        return self._planner.with_options(read_test=asked.read_test, models=asked.models)
