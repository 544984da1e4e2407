"""The runs of a folder, sorted into the arms of a study in it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...runs.deciding import Deciding
from ...runs.errors import ReportError
from ...runs.example_word import example_word
from ...runs.run_folder import Run, read_object, read_runs
from ...runs.study_files import study_files
from .measures import measures

if TYPE_CHECKING:
    import pandas as pd

_STATUS_ORDER = ("done", "failed", "running")


@dataclass(frozen=True)
class Rung:
    """One rung of a ladder and its runs, one for each seed."""

    index: int
    name: str
    """As in `07-wider+augmentation`."""
    recipe: str
    """The names of its recipes joined by `+`; `baseline` for the lowest rung."""
    changed: str = ""
    """What its blueprint changes against the rung below, in words."""
    reported: float | None = None
    """The accuracy that the lecture reports for it, in 0..1."""
    against: int | None = None
    """The index of the rung that it is compared with."""
    runs: tuple[Run, ...] = ()
    not_started: tuple[int, ...] = ()
    """The seeds that the ladder asks for and that no run has begun."""

    @property
    def done(self) -> list[Run]:
        """The runs that finished."""
        return self._having("done")

    @property
    def failed(self) -> list[Run]:
        """The runs that failed."""
        return self._having("failed")

    @property
    def unfinished(self) -> list[Run]:
        """The runs that had not ended when the folder was read."""
        return [run for run in self.runs if run.status not in ("done", "failed")]

    @cached_property
    def figures(self) -> list[dict[str, float]]:
        """The final figures of each run that is done, in the same order."""
        return [measures(run) for run in self.done]

    @property
    def histories(self) -> list[pd.DataFrame]:
        """The histories of the runs that are done."""
        return [run.history for run in self.done]

    def values(self, measure: str) -> list[float]:
        """One figure of each run that is done."""
        return [figures[measure] for figures in self.figures]

    def by_seed(self, measure: str) -> dict[int, float]:
        """One figure of each run that is done and has a seed."""
        pairs = zip(self.done, self.values(measure), strict=True)
        return {run.seed: value for run, value in pairs if run.seed is not None}

    def _having(self, status: str) -> list[Run]:
        return [run for run in self.runs if run.status == status]


@dataclass(frozen=True)
class RunSet:
    """All that a folder holds to be reported on."""

    folder: Path
    rungs: tuple[Rung, ...]
    ladder: dict[str, Any] = field(default_factory=dict)
    """The whole of the study's file, such as ladder.json; empty in a flat report."""

    @property
    def kind(self) -> str:
        """What kind of study it is: ladder, ablation, sweep, sample-size; empty for none."""
        return str(self.ladder.get("kind", "ladder")) if self.ladder else ""

    @property
    def details(self) -> dict[str, Any]:
        """What the study's kind has besides its arms."""
        return self.ladder.get("details") or {}

    @property
    def is_ladder(self) -> bool:
        """Whether each rung builds on the one below."""
        return bool(self.ladder)

    @cached_property
    def by_name(self) -> dict[str, Rung]:
        """The arms by their names."""
        return {rung.name: rung for rung in self.rungs}

    @cached_property
    def by_index(self) -> dict[int, Rung]:
        """The arms by their indices."""
        return {rung.index: rung for rung in self.rungs}

    @property
    def arm_word(self) -> str:
        """What an arm is called: `rung` or `arm`."""
        return "rung" if self.kind == "ladder" else "arm"

    @cached_property
    def runs(self) -> list[Run]:
        """Every run once, also one that serves several rungs."""
        return list({run.folder: run for rung in self.rungs for run in rung.runs}.values())

    @property
    def seeds_asked(self) -> int:
        """The largest number of seeds that an arm is to run with, whether done or not."""
        return max((len(rung.runs) + len(rung.not_started) for rung in self.rungs), default=0)

    @cached_property
    def data(self) -> dict[str, Any]:
        """What is recorded of the data set."""
        sources = (self.ladder, *(run.details for run in self.runs))
        return next(filter(None, (source.get("data") for source in sources)), {})

    @property
    def classes(self) -> list[str]:
        """The names of the classes, in order; empty where there are none, or none are recorded."""
        return [str(name) for name in self.data.get("classes") or ()]

    @cached_property
    def is_tested(self) -> bool:
        """Whether a run has read the test set."""
        return not all(math.isnan(value) for rung in self.rungs for value in rung.values("test"))

    @property
    def compared_with(self) -> str:
        """What a rung is compared with, in words."""
        is_stack = all(rung.against in (None, rung.index - 1) for rung in self.rungs)
        return "the rung below" if is_stack else "its reference"

    @property
    def is_of_images(self) -> bool:
        """Whether the data are images, as they are where nothing else is recorded."""
        return "input_shape" not in self.data

    @property
    def example(self) -> str:
        """What an example is called: `image`, `row`, `window` or `sequence`."""
        return example_word(self.data)

    @property
    def reach(self) -> int | None:
        """Within how many neighbours in time examples share rows; None where they are in no order.

        A window and the rows up to its target; 1 for rows by themselves.
        """
        if not self.data.get("ordered"):
            return None
        windows = (self.data.get("table") or {}).get("windows") or {}
        return int(windows.get("length", 0)) + int(windows.get("horizon", 1))

    @cached_property
    def deciding(self) -> Deciding:
        """The metric that the rungs are compared by."""
        return Deciding.of(self.ladder or (self.runs[0].details if self.runs else {}))

    @property
    def validation_images(self) -> int | None:
        """The number of validation images, where it is recorded."""
        number = self.data.get("val")
        return number if isinstance(number, int) else None

    @property
    def first_validation(self) -> int | None:
        """On how many validation examples, the first ones, curves are measured; None for all."""
        first = self.data.get("val_in_epochs")
        return first if isinstance(first, int) else None


def read_run_set(folder: str | Path, study: str | None = None) -> RunSet:
    """Read `folder`: the arms of a study in it, or else a rung for each name among its runs.

    Args:
        folder: Holds the files of studies and runs/, or else folders with a run.json each.
        study: The name of the study's file without its ending; by default the ladder's, or of a
            folder that holds none the first other's.

    Raises:
        ReportError: There are neither runs nor a study, or a file cannot be read.
    """
    folder = Path(folder)
    files = [folder / f"{study}.json"] if study else study_files(folder)
    if files:
        return study_set(files[0], read_object(files[0]), read_runs(folder / "runs"))
    runs = read_runs(folder)
    if not runs and (folder / "run.json").is_file():
        above = folder.absolute().parent
        raise ReportError(
            f"{folder} is the folder of a single run. Give that of its study: "
            f"{above.parent if above.name == 'runs' else above}"
        )
    if not runs:
        raise ReportError(
            f"There is nothing to report in {folder}: neither a ladder.json, nor a run.json one or "
            "two folders below. Give the --out folder of `trickbook run`, or the folder that holds "
            "the folders of LearningCurves."
        )
    return flat_set(folder, runs)


def read_run_sets(folder: str | Path) -> dict[str, RunSet]:
    """Every study of `folder` by the name of its file; its runs by an empty name if it holds none.

    Raises:
        ReportError: There are neither runs nor a study, or a file cannot be read.
    """
    studies = [file.stem for file in study_files(Path(folder))]
    return {study: read_run_set(folder, study) for study in studies} or {"": read_run_set(folder)}


def flat_set(folder: Path, runs: Sequence[Run]) -> RunSet:
    """A rung for each name among runs that belong to no study."""
    names = sorted({run.name for run in runs})
    rungs = [
        Rung(index, name, name, runs=tuple(run for run in runs if run.name == name))
        for index, name in enumerate(names)
    ]
    return RunSet(folder, tuple(rungs))


def study_set(file: Path, ladder: dict[str, Any], runs: Iterable[Run]) -> RunSet:
    """The arms of a study, each with its runs.

    Args:
        file: The study's file.
        ladder: What it holds.
        runs: Those of its folder, of other studies too.

    Raises:
        ReportError: The file lacks something.
    """
    found: dict[str, Run] = {}
    known = [run for run in runs if run.status in _STATUS_ORDER]
    for run in sorted(known, key=lambda run: _STATUS_ORDER.index(run.status), reverse=True):
        if run.fingerprint:
            found[run.fingerprint] = run  # of two with equal work, the one that got furthest
    try:
        rungs = [_rung(entry, found) for entry in ladder["rungs"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ReportError(
            f"{file} lacks what a {file.stem} needs ({error!r}). Run the {file.stem} again "
            "with the same command: it rewrites the file and repeats no finished run."
        ) from error
    return RunSet(file.parent, tuple(sorted(rungs, key=lambda rung: rung.index)), ladder)


def _rung(entry: dict[str, Any], found: dict[str, Run]) -> Rung:
    wanted = {int(seed): print_ for seed, print_ in entry["fingerprints"].items()}
    runs = [found[wanted[seed]] for seed in sorted(wanted) if wanted[seed] in found]
    name = str(entry["name"])
    index = int(entry["index"])
    return Rung(
        index=index,
        name=name,
        recipe="+".join(entry["recipes"]) or re.sub(r"^\d+-", "", name),
        changed=str(entry.get("changed") or ""),
        reported=entry.get("reported"),
        # Without a word, as in folders of 0.1.0, it is the one below.
        against=entry.get("against", index - 1 if index else None),
        runs=tuple(runs),
        not_started=tuple(seed for seed in sorted(wanted) if wanted[seed] not in found),
    )
