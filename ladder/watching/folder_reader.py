"""Reading the studies of a folder repeatedly, and only what has changed in it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ...reports.read.run_set import Rung, RunSet, flat_set, study_set
from ...runs.errors import ReportError
from ...runs.run_folder import read_object
from ...runs.study_files import study_files
from .found_study import FoundStudy
from .run_reader import RunReader, SeenRun, Stamp, stamp_of
from .run_state import RUNNING, state_of

# The name under which the runs are shown that belong to no study.
OTHERS = "runs"


class FolderReader:
    """Reads a folder of studies, or of runs that belong to no study.

    Args:
        folder: the folder, which need not exist yet.

    Attributes:
        names: names of the studies, which are those of their files without ending, the most
            recently written first; then `OTHERS` if there are runs of no study, such as the trials
            of a search.
        latest: `OTHERS` if such a run is being trained, otherwise the first of the names.
    """

    def __init__(self, folder: Path) -> None:
        self.names: list[str] = []
        self.latest = OTHERS
        self._folder = folder
        self._runs = RunReader()
        self._files: dict[str, tuple[Stamp, dict[str, Any] | ReportError]] = {}
        self._seen: list[SeenRun] = []
        self._others: list[SeenRun] = []
        self._states: dict[str, str] = {}
        self._rungs: dict[tuple[str, int], Rung] = {}

    def read(self) -> None:
        """Reads what has changed since the last call."""
        self._seen = self._runs.read(self._folder)
        now = time.time()
        self._states = {str(one.run.folder): state_of(one, now) for one in self._seen}
        files = sorted(study_files(self._folder), key=stamp_of, reverse=True)
        self._files = {file.stem: self._content(file) for file in files}
        self._others = self._of_none()
        self.names = [*self._files, *([OTHERS] if self._others or not files else [])]
        is_trained = any(self._states[str(one.run.folder)] == RUNNING for one in self._others)
        self.latest = OTHERS if is_trained else self.names[0]

    def study(self, name: str) -> FoundStudy:
        """Returns what was read of a study.

        Args:
            name: one of `names`.

        Raises:
            ReportError: its file cannot be read.
        """
        stamp, content = self._files.get(name, ((), {}))
        if isinstance(content, ReportError):
            raise content
        runs = [
            one.run for one in sorted(self._others if name == OTHERS else self._seen, key=_order)
        ]
        if name == OTHERS:
            run_set = flat_set(self._folder, runs)
        else:
            below = [run for run in runs if self._folder / "runs" in run.folder.parents]
            run_set = study_set(self._folder / f"{name}.json", content, below)
        return FoundStudy(
            run_set=self._with_kept(name, run_set),
            seen={str(one.run.folder): one for one in self._seen},
            states=self._states,
            stamp=stamp,
            troubles=tuple(self._runs.troubles),
        )

    def _content(self, file: Path) -> tuple[Stamp, dict[str, Any] | ReportError]:
        stamp = stamp_of(file)
        before = self._files.get(file.stem)
        if before is not None and before[0] == stamp:
            return before
        try:
            return stamp, read_object(file)
        except (ReportError, OSError) as error:
            return stamp, ReportError(str(error))

    def _of_none(self) -> list[SeenRun]:
        contents = [content for _, content in self._files.values() if isinstance(content, dict)]
        if len(contents) < len(self._files):
            return []  # A file cannot be read, so it is unknown which runs belong to its study.
        taken = {
            print_
            for content in contents
            for rung in content.get("rungs", ())
            for print_ in rung.get("fingerprints", {}).values()
        }
        return [one for one in self._seen if one.run.fingerprint not in taken]

    def _with_kept(self, study: str, run_set: RunSet) -> RunSet:
        """Reuses the old objects of arms that have not changed, with the results cached in them."""
        kept = {(study, rung.index): rung for rung in run_set.rungs}
        for key, rung in kept.items():
            if self._rungs.get(key) == rung:
                kept[key] = self._rungs[key]
        self._rungs |= kept
        return RunSet(run_set.folder, tuple(kept.values()), run_set.ladder)


def _order(seen: SeenRun) -> tuple[str, float, str]:
    seed = seen.run.seed
    return seen.run.name, float("-inf") if seed is None else seed, str(seen.run.folder)
