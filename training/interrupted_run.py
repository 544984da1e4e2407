"""Whether a run that was killed resumes from its saved state or starts again."""

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
    """Says whether a run that was killed has left a saved state in its folder."""
    return any(path.is_file() for path in (folder / SAVED).rglob("*"))


def taken_up(run: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Returns the run.json of a run that is about to resume from the state saved in its folder.

    It says when the run was first started. A state that was saved with other versions, other code,
    another accelerator or, without an accelerator, another kind of CPU is deleted, because the run
    would end with the digits of neither. Then a warning says so, and `run` is returned unchanged.

    Args:
        run: the run.json, as for a run that begins now.
        folder: folder of the run, with its earlier run.json.
    """
    try:
        before: Mapping[str, Any] = read_object(folder / "run.json")
    except ReportError:  # damaged or missing: what saved the state is unknown
        before = {}
    was, now = _decisive(before), _decisive(run)
    differing = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    if not differing:
        return {**run, "started": before.get("started", run["started"])}
    listed = ", ".join(f"{name}: {was.get(name)}, now {now.get(name)}" for name in differing)
    warnings.warn(
        "The saved state of the run comes from other software or another machine "
        f"({listed}); the run is trained anew.",
        stacklevel=2,
    )
    shutil.rmtree(folder / SAVED)
    return run


def _decisive(run: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what determines a run's digits besides its blueprint, data and seed."""
    machine = run.get("machine") or {}
    accelerator = machine.get("accelerator")
    return {
        **{name: run.get(name) for name in ("fingerprint", "code")},
        **(run.get("versions") or {}),
        "accelerator": accelerator,
        # The order in which a CPU sums depends on its instruction set.
        **({"cpu": machine.get("cpu")} if accelerator is None else {}),
    }
