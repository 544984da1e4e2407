"""`named_histories`: one training or several, each with the name that a legend shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...runs.errors import ReportError
from ...runs.run_folder import read_run
from .as_history import as_history
from .batch_rows import read_batches

if TYPE_CHECKING:
    import pandas as pd

_TAKEN = (
    "what fit() returns, a dict of lists by metric, a DataFrame, the path of a history.csv or of a "
    "CSVLogger's file, the folder of a run, a folder of runs, or a list or dict of these"
)


class NamedHistory(NamedTuple):
    """A training and its name; trainings of one name are seeds of the same model."""

    name: str
    history: pd.DataFrame
    """As `trickbook.runs.history.read_history` returns it."""
    batches: pd.DataFrame | None = None
    """As `read_batches` returns it; None where its batches were not recorded."""


def named_histories(value: Any) -> list[NamedHistory]:
    """Read one or several trainings.

    Args:
        value: Anything that `as_history` takes; a folder with runs one or
            two levels below; a list of these; or a dict that gives each a name (a name may also
            stand for a list, or for a folder of runs: they are its seeds).

    Returns:
        The trainings in order. In a folder of runs each has the name in its run.json, else its path
        below the folder; in a list a path is its own name, others are numbered from 1.

    Raises:
        ReportError: There is nothing of that kind, or nothing there.
    """
    if isinstance(value, Mapping) and not _holds_metrics(value):
        return [
            one._replace(name=str(name))
            for name, held in value.items()
            for one in _required(named_histories(held), f"{name!r}: {held!r}")
        ]
    if isinstance(value, list | tuple):
        return _required(_numbered(value), f"{value!r}")
    if isinstance(value, str | Path):
        return _from_path(Path(value))
    return [NamedHistory("", _table(value))]


def _holds_metrics(value: Mapping[Any, Any]) -> bool:
    """Whether it is a history: numbers by metric, and not trainings by name."""
    return not value or any(_are_numbers(held) for held in value.values())


def _are_numbers(value: Any) -> bool:
    if hasattr(value, "dtype"):  # an array or a column of a DataFrame
        return True
    if not isinstance(value, Sequence) or isinstance(value, str):
        return False
    return all(isinstance(one, int | float | np.generic | np.ndarray | None) for one in value)


def _numbered(values: Sequence[Any]) -> list[NamedHistory]:
    found = []
    names = _short_names([Path(one) for one in values if isinstance(one, str | Path)])
    for number, value in enumerate(values, start=1):
        path = Path(value) if isinstance(value, str | Path) else None
        for one in named_histories(value):
            if path is None:
                shown = one.name or str(number)
            elif one.name == str(path):
                shown = names[path]
            else:
                # Two folders of runs may hold runs of one name.
                shown = f"{names[path]}: {one.name}" if len(values) > 1 else one.name
            found.append(one._replace(name=shown))
    return found


def _short_names(paths: Sequence[Path]) -> dict[Path, str]:
    """Each path without the folders that all of them begin with."""
    parts = {path: path.parts for path in paths}
    fewest = min(map(len, parts.values()), default=0)
    heads = [set(column) for column in zip(*parts.values(), strict=False)][: fewest - 1]
    shared = next((place for place, names in enumerate(heads) if len(names) > 1), len(heads))
    return {path: str(Path(*own[shared:])) for path, own in parts.items()}


def _from_path(path: Path) -> list[NamedHistory]:
    if not path.exists():
        raise ReportError(f"There is no file or folder {path}.")
    if path.is_dir() and not (path / "history.csv").is_file():
        return _from_folder(path)
    return [_of_run(str(path), path)]


def _from_folder(folder: Path) -> list[NamedHistory]:
    files = sorted([*folder.glob("*/history.csv"), *folder.glob("*/*/history.csv")])
    if not files:
        raise ReportError(
            f"There is no history.csv in {folder}, nor one or two levels below it. Give {_TAKEN}."
        )
    return [_of_run(_run_name(file.parent, folder), file.parent) for file in files]


def _of_run(name: str, path: Path) -> NamedHistory:
    """The training of a run's folder, or of a file alone."""
    return NamedHistory(name, _table(path), read_batches(path) if path.is_dir() else None)


def _run_name(run: Path, folder: Path) -> str:
    return read_run(run).name if (run / "run.json").is_file() else str(run.relative_to(folder))


def _table(value: Any) -> pd.DataFrame:
    try:
        return as_history(value)
    except TypeError as error:
        raise ReportError(f"A history is {_TAKEN}. Received: {value!r}") from error


def _required(found: list[NamedHistory], received: str) -> list[NamedHistory]:
    if not found:
        raise ReportError(f"There is no training to draw: give {_TAKEN}. Received: {received}")
    return found
