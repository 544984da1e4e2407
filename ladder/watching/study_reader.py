"""Reading the studies of a folder again and again, at the cost of what has changed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...reports.read.run_set import Rung, RunSet, flat_set, study_set
from ...runs.run_file import FINISHED
from ...runs.run_folder import read_object
from ...runs.study_files import study_files
from .run_reader import RunReader, SeenRun, Stamp, stamp_of
from .run_state import RUNNING, WAITING, state_of

_STATUSES = (*FINISHED, RUNNING)


@dataclass(frozen=True, eq=False)
class FoundStudy:
    """A study as its folder told a moment ago.

    Attributes:
        run_set: its arms with their runs.
        seen: the runs of the folder by their own folders' paths.
        states: what each of them is at.
        stamp: of the study's file; empty where there is none.
        troubles: what could not be read, a text each.
    """

    run_set: RunSet
    seen: Mapping[str, SeenRun]
    states: Mapping[str, str]
    stamp: Stamp
    troubles: tuple[str, ...]

    @property
    def written(self) -> float:
        """When the study's file or one of its runs was last written, in seconds since 1970."""
        times = [one.at for rung in self.run_set.rungs for one in self.runs_of(rung)]
        return max([*times, self.stamp[0] / 1e9 if self.stamp else 0.0])

    @property
    def counts(self) -> Counter[str]:
        """How many runs are `done`, `failed`, `running`, `stopped` and `waiting`."""
        begun = Counter(self.states[str(run.folder)] for run in self.run_set.runs)
        entries = {entry["index"]: entry for entry in self.run_set.ladder.get("rungs", ())}
        # Arms that are equal share a run, also one that has not begun.
        waiting = {
            entries[rung.index]["fingerprints"][str(seed)]
            for rung in self.run_set.rungs
            for seed in rung.not_started
        }
        return begun + Counter({WAITING: len(waiting)})

    @property
    def all_that_tells(self) -> object:
        """What tells it from what it was at another time."""
        return self.stamp, tuple(self.states.items()), self.of_runs(*_STATUSES), self.troubles

    def runs_of(self, rung: Rung) -> list[SeenRun]:
        """Returns the runs of an arm that have begun."""
        return [self.seen[str(run.folder)] for run in rung.runs]

    def state_of(self, seen: SeenRun) -> str:
        """Returns what a run is at."""
        return self.states[str(seen.run.folder)]

    def of_runs(self, *statuses: str) -> tuple[object, ...]:
        """Returns what tells its runs of these statuses from those of another time."""
        runs = [one for rung in self.run_set.rungs for one in self.runs_of(rung)]
        return tuple(
            (str(one.run.folder), one.stamps) for one in runs if one.run.status in statuses
        )


class StudyReader:
    """Reads the studies of a folder.

    Args:
        folder: of studies, or of runs that belong to none; it need not be there yet.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = RunReader()
        self._files: dict[Path, tuple[Stamp, dict[str, Any]]] = {}
        self._rungs: dict[tuple[str, int], Rung] = {}

    def studies(self) -> list[str]:
        """Returns the names of the studies' files without ending, the one last begun first."""
        files = sorted(study_files(self._folder), key=stamp_of, reverse=True)
        return [file.stem for file in files]

    def read(self, study: str) -> FoundStudy:
        """Returns what is there of a study, or of the folder's runs for an empty name.

        Raises:
            ReportError: the study's file cannot be read.
        """
        file = self._folder / f"{study}.json"
        content = self._content(file) if study else None
        runs = self._runs.read(self._folder if content is None else self._folder / "runs")
        seen = {str(one.run.folder): one for one in runs}
        found = [one.run for one in sorted(runs, key=_order)]
        if content is None:
            run_set = flat_set(self._folder, found)
        else:
            run_set = study_set(file, content, found)
        now = time.time()
        return FoundStudy(
            run_set=self._with_kept(study, run_set),
            seen=seen,
            states={folder: state_of(one, now) for folder, one in seen.items()},
            stamp=self._files[file][0] if content is not None else (),
            troubles=tuple(self._runs.troubles),
        )

    def _content(self, file: Path) -> dict[str, Any]:
        stamp = stamp_of(file)
        if self._files.get(file, ((), {}))[0] != stamp or not stamp:
            self._files[file] = stamp, read_object(file)
        return self._files[file][1]

    def _with_kept(self, study: str, run_set: RunSet) -> RunSet:
        """Returns the arms that have not changed as they were, with what was worked out of them."""
        kept = {(study, rung.index): rung for rung in run_set.rungs}
        for key, rung in kept.items():
            if self._rungs.get(key) == rung:
                kept[key] = self._rungs[key]
        self._rungs |= kept
        return RunSet(run_set.folder, tuple(kept.values()), run_set.ladder)


def _order(seen: SeenRun) -> tuple[str, float, str]:
    seed = seen.run.seed
    return seen.run.name, float("-inf") if seed is None else seed, str(seen.run.folder)
