"""A run that was killed and begins again: whether it goes on with what was saved of it."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..runs.errors import ReportError
from ..runs.run_file import SAVED
from ..runs.run_folder import read_object


def has_saved(folder: Path) -> bool:
    """Says whether a run that was killed has left in its folder what it could go on with."""
    return any(path.is_file() for path in (folder / SAVED).rglob("*"))


def taken_up(run: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Returns the run.json of a run that is about to go on with what is saved in its folder.

    It says when the run was first started. What other versions, other code, another accelerator or,
    where there is none, another kind of CPU have saved is deleted, for the run would end with the
    digits of neither; a warning says so, and the run.json is as it was given.

    Args:
        run: the run.json, as of a run that begins now.
        folder: of the run, with the run.json of before.
    """
    try:
        before: Mapping[str, Any] = read_object(folder / "run.json")
    except ReportError:  # damaged, or not there: what has saved it is known no more
        before = {}
    was, now = _decisive(before), _decisive(run)
    differing = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    if not differing:
        return {**run, "started": before.get("started", run["started"])}
    listed = ", ".join(f"{name}: {was.get(name)}, now {now.get(name)}" for name in differing)
    warnings.warn(
        "What was saved of the run comes from other software or another machine "
        f"({listed}); it is trained anew.",
        stacklevel=2,
    )
    shutil.rmtree(folder / SAVED)
    return run


def _decisive(run: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what decides a run's digits beside its blueprint, data and seed."""
    machine = run.get("machine") or {}
    accelerator = machine.get("accelerator")
    return {
        **{name: run.get(name) for name in ("fingerprint", "code")},
        **(run.get("versions") or {}),
        "accelerator": accelerator,
        # Which instructions a CPU has decides in what order it sums.
        **({"cpu": machine.get("cpu")} if accelerator is None else {}),
    }
