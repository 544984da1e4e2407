"""How far a study is as a whole, in words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...reports.wording import count_text
from .run_state import GIVEN_UP, RUNNING, STOPPED, WAITING

PREPARING = "preparing"
TRAINING = "training"
STOPPED_EARLY = "stopped"
REPORTING = "reporting"
ENDED = "ended"
FINISHED = "finished"

# Between two runs nothing may be written in a folder for this many seconds.
_SILENT_SECONDS = 45.0


@dataclass(frozen=True)
class Standing:
    """The facts from which to say how far a study is.

    Attributes:
        counts: how many runs are in each state.
        written: when a file of the study or of its runs was last written, in seconds since 1970.
        reported: when its report was last written; None if there is no report.
        is_study: whether it is a study, which says how many runs there will be.
        is_held: whether a command holds the folder, which it does while it writes the report, and
            the whole time while it grows a ladder there.
        goes_on: whether more runs are to come than are known yet, as in a growth.
    """

    counts: Mapping[str, int]
    written: float
    reported: float | None
    is_study: bool
    is_held: bool = False
    goes_on: bool = False

    @property
    def total(self) -> int:
        """The number of runs, begun or not."""
        return sum(self.counts.values())

    @property
    def missing(self) -> int:
        """How many runs have not ended."""
        return sum(self.counts.get(state, 0) for state in (RUNNING, STOPPED, WAITING))

    @property
    def is_reported(self) -> bool:
        """Whether the report is up to date."""
        return self.reported is not None and self.reported >= self.written

    def stage(self, now: float, since: float = 0.0) -> str:
        """Returns `preparing`, `training`, `stopped`, `reporting`, `ended` or `finished`.

        Args:
            now: the current time in seconds since 1970.
            since: when the command that trains it began; 0 if there is none.
        """
        is_silent = now - self.written > _SILENT_SECONDS
        if not self.total or self.written < since:
            return PREPARING
        if self.counts.get(RUNNING):
            return TRAINING
        if self.missing or self.goes_on:
            # While the next race of a growth is being chosen, nothing may be trained for a while.
            is_over = is_silent and not (self.goes_on and self.is_held)
            return STOPPED_EARLY if is_over or not self.is_study else TRAINING
        if self.is_reported or not self.is_study:
            return FINISHED
        return ENDED if is_silent and not self.is_held else REPORTING


def standing_text(standing: Standing, stage: str, folder: Path, command: str) -> str:
    """Returns how far the study is, in a sentence or two.

    Args:
        standing: the facts on the study.
        stage: its stage.
        folder: its folder.
        command: the command that trains it; empty if that is not recorded.
    """
    whole = count_text(standing.total, "run")
    of_them = _of_them_text(standing)
    if standing.goes_on:
        whole = f"{whole} so far"
    if stage == TRAINING:
        return f"{_training_text(standing, whole)}.{of_them}"
    if stage == STOPPED_EARLY:
        again = f" This command goes on: {_without_fresh(command)}" if command else ""
        missing = f"{standing.missing} of {whole} are missing"
        what = missing if standing.missing else "the growth has not come to its end"
        return f"Nothing is being trained: {what}.{again}"
    if stage == PREPARING:
        return "Data are prepared and arms are checked before the first run begins."
    if stage == REPORTING:
        return f"All {whole} ended.{of_them} The report is being written."
    if stage == ENDED:
        report = f"trickbook report {shlex.quote(str(folder))}"
        return f"All {whole} ended.{of_them} No report tells of them yet: {report} writes it."
    return f"Finished: {'the only run' if standing.total == 1 else f'all {whole}'} ended.{of_them}"


def _training_text(standing: Standing, whole: str) -> str:
    if not standing.missing:
        return f"All {whole} ended, and what is tried next is being chosen"
    running = standing.counts.get(RUNNING, 0)
    under_way = f", {running} {'is' if running == 1 else 'are'} being trained" if running else ""
    return f"{standing.total - standing.missing} of {whole} ended{under_way}"


def _without_fresh(command: str) -> str:
    """Returns a recorded command without `--fresh`, so that it continues its study."""
    return re.sub(r" --fresh(?= |$)", "", command)


def _of_them_text(standing: Standing) -> str:
    """Returns how many runs failed and how many were given up, in a sentence each."""
    failed, given_up = (standing.counts.get(state, 0) for state in ("failed", GIVEN_UP))
    were = "was" if given_up == 1 else "were"
    return (f" {failed} of them failed." if failed else "") + (
        f" {given_up} of them {were} given up." if given_up else ""
    )
