"""`Watcher`: what the page of a folder shows, read from the folder's files only."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...reports.figures.style import hex_colours
from ...runs.errors import ReportError
from ...runs.lock import is_held
from ...runs.run_file import FINISHED
from .arm_curves import arm_curves, drawn_columns, panel_titles
from .folder_reader import OTHERS, FolderReader
from .found_study import FoundStudy
from .growth_so_far import goes_on, is_being_grown
from .run_reader import stamp_of
from .run_state import RUNNING
from .standing import FINISHED as OVER
from .standing import TRAINING, Standing, standing_text
from .study_view import time_left, view_of
from .verdicts_so_far import VerdictReader, certainty_text

# Reports whose files are not named after the study: a ladder's, and that of runs of no study.
_REPORT = {"ladder": "report", OTHERS: "report"}


@dataclass
class _Kept:
    """What was worked out about a study, and the value `of` that says from which files."""

    verdicts: VerdictReader = field(default_factory=VerdictReader)
    workers: int = 1
    of: object = None
    state: dict[str, Any] = field(default_factory=dict)


class Watcher:
    """Follows the studies of a folder. It writes nothing, and reads anew only what has changed.

    Several threads may use it.

    Args:
        folder: folder of studies, or of runs that belong to no study; it need not exist yet.
        since: when a command that trains there began, in seconds since 1970. If a study has not
            been written since then, the command has not come to it yet.
    """

    def __init__(self, folder: Path, since: float = 0.0) -> None:
        self._folder, self._since = folder, since
        self._reader = FolderReader(folder)
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def state(self, study: str = "") -> dict[str, Any]:
        """Returns what the page shows of a study.

        Args:
            study: name of its file without ending; if there is none of that name, the study that is
                being trained or was last begun.
        """
        with self._lock:
            self._reader.read()
            studies, chosen = self._reader.names, self._chosen(study)
            try:
                state = self._state(chosen, self._reader.study(chosen))
            except ReportError as error:
                state = {"stage": "unreadable", "text": str(error), "arms": []}
        return {"folder": str(self._folder), "study": chosen, "studies": studies, **state}

    def curves(self, study: str, arms: Sequence[int]) -> dict[str, Any]:
        """Returns the curves of some arms, as `arm_curves` gives them, by the arms' indices.

        Raises:
            ReportError: the study's file cannot be read.
        """
        with self._lock:
            self._reader.read()
            found = self._reader.study(self._chosen(study))
        rungs, columns = found.run_set.rungs, drawn_columns(found)
        wanted = [rung for rung in rungs if rung.index in arms]
        return {
            "titles": panel_titles(columns),
            "arms": {rung.index: arm_curves(found.runs_of(rung), columns) for rung in wanted},
        }

    def report(self, study: str) -> Path | None:
        """Returns the path of a study's HTML report; None if there is none, or no such study."""
        with self._lock:
            self._reader.read()
            known = self._reader.names
            file = self._report(study) if study in known else None
        return file if file is not None and file.is_file() else None

    def _chosen(self, study: str) -> str:
        return study if study in self._reader.names else self._reader.latest

    def _report(self, study: str) -> Path | None:
        if study == OTHERS and self._reader.names != [OTHERS]:
            return None  # The file named report belongs to the folder's ladder.
        return self._folder / f"{_REPORT.get(study, study)}.html"

    def _state(self, study: str, found: FoundStudy) -> dict[str, Any]:
        kept = self._kept.setdefault(study, _Kept())
        report = self._report(study)
        reported = () if report is None else stamp_of(report)
        at = reported[0] / 1e9 if reported else None
        grows = goes_on(found.run_set)
        held = bool(is_held(self._folder)) or (grows and is_being_grown(self._folder))
        standing = Standing(found.counts, found.written, at, study != OTHERS, held, grows)
        stage = standing.stage(time.time(), self._since)
        running = standing.counts.get(RUNNING, 0)
        # The largest number so far: for a moment between two runs, a worker has no run.
        kept.workers = max(kept.workers, running) if stage == TRAINING else 1
        of = (found.all_that_tells, stage, reported, kept.workers)
        if of != kept.of:
            kept.state, kept.of = self._worked_out(study, found, standing, stage), of
        return kept.state

    def _worked_out(
        self, study: str, found: FoundStudy, standing: Standing, stage: str
    ) -> dict[str, Any]:
        kept, run_set = self._kept[study], found.run_set
        command = str(run_set.ladder.get("command") or "")
        verdicts = kept.verdicts.read(
            run_set, (found.stamp, found.of_runs(*FINISHED)), at_once=not standing.missing
        )
        left = time_left(found, kept.workers) if stage == TRAINING else None
        report = self._report(study) if standing.reported is not None else None
        return {
            "stage": stage,
            "text": standing_text(standing, stage, self._folder, command),
            "counts": dict(standing.counts),
            "written": found.written,
            "ends": None if left is None else found.written + left,
            "ends_by_clock": standing.goes_on,
            "certainty": "" if stage == OVER else certainty_text(run_set, verdicts),
            "report": None if report is None else str(report.absolute()),
            "report_is_new": standing.is_reported,
            "troubles": [*found.troubles, *filter(None, [verdicts.trouble])],
            "colours": hex_colours(len(run_set.rungs)),
            "dark_colours": hex_colours(len(run_set.rungs), on_dark=True),
            **view_of(found, verdicts),
        }
