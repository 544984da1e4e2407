"""A study, or runs that belong to no study, as just read from their folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ...reports.read.run_set import Rung, RunSet
from ...runs.run_file import FINISHED
from .run_reader import SeenRun, Stamp
from .run_state import RUNNING, WAITING

_STATUSES = (*FINISHED, RUNNING)


@dataclass(frozen=True, eq=False)
class FoundStudy:
    """A study as just read from its folder.

    Attributes:
        run_set: its arms with their runs.
        seen: the runs of the folder by the paths of their own folders.
        states: the state of each of these runs, by the same paths.
        stamp: the stamp of the study's file; empty if there is none.
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
        """How many runs are in each state, with those that have not begun as `waiting`."""
        begun = Counter(self.states[str(run.folder)] for run in self.run_set.runs)
        entries = {entry["index"]: entry for entry in self.run_set.ladder.get("rungs", ())}
        # Equal arms share a run, even if it has not begun, so count fingerprints.
        waiting = {
            entries[rung.index]["fingerprints"][str(seed)]
            for rung in self.run_set.rungs
            for seed in rung.not_started
        }
        return begun + Counter({WAITING: len(waiting)})

    @property
    def all_that_tells(self) -> object:
        """A value that changes when anything in the study changes."""
        return self.stamp, tuple(self.states.items()), self.of_runs(*_STATUSES), self.troubles

    def runs_of(self, rung: Rung) -> list[SeenRun]:
        """Returns the runs of an arm that have begun."""
        return [self.seen[str(run.folder)] for run in rung.runs]

    def state_of(self, seen: SeenRun) -> str:
        """Returns the state of a run."""
        return self.states[str(seen.run.folder)]

    def of_runs(self, *statuses: str) -> tuple[object, ...]:
        """Returns a value that changes when any of the runs with these statuses changes."""
        runs = [one for rung in self.run_set.rungs for one in self.runs_of(rung)]
        return tuple(
            (str(one.run.folder), one.stamps) for one in runs if one.run.status in statuses
        )
