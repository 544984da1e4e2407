"""Reading run folders: what one training left behind."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..argument_checks import is_whole
from .errors import DamagedRunWarning, ReportError
from .history import empty_history, read_history

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """One training with one seed, as its folder records it."""

    folder: Path
    name: str
    seed: int | None
    fingerprint: str | None
    status: str
    """`running`, `done` or `failed`; a run counts when it is done or failed."""
    reason: str | None
    """Why it failed."""
    details: dict[str, Any]
    """The whole of run.json."""
    metrics: dict[str, Any]
    """The whole of metrics.json; empty where there is none."""

    @cached_property
    def history(self) -> pd.DataFrame:
        """history.csv, as `read_history` returns it; no rows where there is no such file.

        Warns:
            DamagedRunWarning: if the file cannot be read; it then counts as missing.
        """
        path = self.folder / "history.csv"
        try:
            return read_history(path) if path.is_file() else empty_history()
        except ReportError as error:
            warnings.warn(f"{error} Its curve is left out.", DamagedRunWarning, stacklevel=2)
            return empty_history()


def read_run(folder: str | Path) -> Run:
    """Read the run in `folder`.

    Raises:
        ReportError: run.json is missing, it or metrics.json is not a JSON object, or its seed is no
            whole number.
    """
    folder = Path(folder)
    details = read_object(folder / "run.json")
    metrics = folder / "metrics.json"
    reason, seed = details.get("reason"), details.get("seed")
    if seed is not None and not is_whole(seed, -math.inf):
        raise ReportError(
            f"{folder / 'run.json'} has the seed {seed!r}, which is no whole number. Repair it, or "
            "move its folder elsewhere."
        )
    return Run(
        folder=folder,
        name=str(details.get("name") or folder.name),
        seed=seed,
        fingerprint=details.get("fingerprint"),
        status=str(details.get("status") or "running"),
        reason=None if reason is None else str(reason),
        details=details,
        metrics=read_object(metrics) if metrics.is_file() else {},
    )


def read_runs(folder: str | Path) -> list[Run]:
    """Read every run one or two levels below `folder`, in order of name, seed and folder.

    Warns:
        DamagedRunWarning: if `read_run` refuses a run.json or metrics.json, which is named; that
            run is left out.
    """
    folder = Path(folder)
    runs = []
    for path in sorted([*folder.glob("*/run.json"), *folder.glob("*/*/run.json")]):
        try:
            runs.append(read_run(path.parent))
        except ReportError as error:
            warnings.warn(f"{error} Its run is left out.", DamagedRunWarning, stacklevel=2)
    return sorted(runs, key=lambda run: (run.name, _seed_order(run.seed), str(run.folder)))


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds an object.

    Raises:
        ReportError: There is no such file, it cannot be read, or it holds something else.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReportError(f"There is no {path.name} in {path.parent}.") from error
    # A file that cannot be opened, is not JSON, or is nested too deeply.
    except (OSError, ValueError, RecursionError) as error:
        raise ReportError(
            f"{path} cannot be read as JSON ({error}). Repair it, or move its folder elsewhere."
        ) from error
    if not isinstance(value, dict):
        raise ReportError(f"{path} should hold a JSON object, and holds {type(value).__name__}.")
    return value


def _seed_order(seed: int | None) -> float:
    return float("-inf") if seed is None else seed
