"""Reading run folders repeatedly, each of them anew only if one of its files has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...reports.read.epochs import measured
from ...runs.errors import ReportError
from ...runs.history import empty_history, read_history
from ...runs.run_folder import Run, read_run

if TYPE_CHECKING:
    import pandas as pd

_FILES = ("run.json", "history.csv", "metrics.json")
# A study's runs lie one or two levels below its `runs`; other runs, as far below the folder itself.
_PLACES = ("*/run.json", "*/*/run.json", "runs/*/*/run.json")

Stamp = tuple[int, ...]
"""Identifies a version of a file: it changes when the content is written again."""


@dataclass(frozen=True, eq=False)
class SeenRun:
    """A run as its folder was when it was last read."""

    run: Run
    history: pd.DataFrame
    """The epochs so far; no rows if the file is missing or cannot be read."""
    stamps: tuple[Stamp, ...]
    """The stamps of its files; empty for a file that is missing."""
    trouble: str = ""
    """Which file could not be read, in words."""

    @property
    def at(self) -> float:
        """When one of its files was last written, in seconds since 1970."""
        return max((stamp[0] / 1e9 for stamp in self.stamps if stamp), default=0.0)

    @property
    def seconds(self) -> float:
        """Training time of the epochs so far; 0 if it is not recorded."""
        _, recorded = measured(self.history, "seconds")
        return float(recorded[-1]) if len(recorded) else 0.0

    @property
    def epoch(self) -> int:
        """The last epoch that has ended, 0 for none."""
        return int(self.history["epoch"].iloc[-1]) if len(self.history) else 0

    @property
    def epochs(self) -> int | None:
        """How many epochs it is to have; None if that is not recorded."""
        details = self.run.details
        number = (details.get("blueprint") or {}).get("epochs", details.get("epochs"))
        return number if isinstance(number, int) else None


@dataclass
class RunReader:
    """Reads the runs of a folder; a file that is half written or just removed does no harm.

    Attributes:
        troubles: what could not be read the last time, a text each.
    """

    troubles: list[str] = field(default_factory=list)
    _kept: dict[Path, SeenRun] = field(default_factory=dict)

    def read(self, folder: Path) -> list[SeenRun]:
        """Returns every run of the folder, in the order of their paths."""
        files = [file for place in _PLACES for file in folder.glob(place)]
        kept, self.troubles = {}, []
        for place in sorted(file.parent for file in files):
            found = self._one(place)
            if found is not None:
                kept[place] = found
                self.troubles += [found.trouble] if found.trouble else []
        self._kept = kept
        return list(kept.values())

    def _one(self, folder: Path) -> SeenRun | None:
        before = self._kept.get(folder)
        stamps = tuple(stamp_of(folder / name) for name in _FILES)
        if before is not None and before.stamps == stamps:
            return before
        try:
            run = read_run(folder)
        except (ReportError, OSError) as error:
            if before is None and (folder / "run.json").exists():
                self.troubles.append(str(error))
            return before
        history, trouble = _history(folder / "history.csv")
        return SeenRun(run, history, stamps, trouble)


def stamp_of(file: Path) -> Stamp:
    """Returns the stamp of a file, which changes with its content; empty if there is no file."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _history(file: Path) -> tuple[Any, str]:
    try:
        return read_history(file), ""
    except FileNotFoundError:
        return empty_history(), ""
    except (ReportError, OSError) as error:
        return empty_history(), str(error)
