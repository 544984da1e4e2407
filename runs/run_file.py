"""run.json: what a run was, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

FINISHED = ("done", "failed")

# The sub-folder of a run under way that holds what it needs to go on after a kill.
SAVED = "resume"
# What a run started from, if it started from another run.
WARM_START = "warm_start.json"


def new_run(
    name: str,
    *,
    seed: int | None,
    precision: str,
    started: str | None = None,
    fingerprint: str | None = None,
    blueprint: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    command: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Returns the run.json of a run that begins now; what its writer does not know is None.

    Args:
        name: name of the rung or the trick, or what a user calls the training.
        seed: seed for weights, sample order and random draws.
        precision: name of the dtype policy.
        started: when training began, as ISO 8601 with its time zone; None is now.
        fingerprint: sha256 over all that decides the figures, in hex.
        blueprint: what is trained, as `Blueprint.to_dict` returns it.
        data: summary of the data set.
        command: the command or call that asked for the run.
        **more: further entries that this kind of run has.
    """
    import keras

    from .environment import machine, versions  # These import Keras; the parent never does.

    return {
        "format": 1,
        "name": name,
        "fingerprint": fingerprint,
        "status": "running",
        "reason": None,
        "seed": seed,
        "blueprint": blueprint,
        "data": data,
        **more,
        "versions": versions(),
        "backend": keras.backend.backend(),
        "precision": precision,
        "machine": machine(),
        "command": command,
        "started": started or datetime.now().astimezone().isoformat(timespec="seconds"),
        "seconds": None,
    }


def ended_run(run: dict[str, Any], reason: str | None, seconds: float) -> dict[str, Any]:
    """Returns the run.json of a run that has ended, done or, with a reason, failed."""
    status = "done" if reason is None else "failed"
    return {**run, "status": status, "reason": reason, "seconds": round(seconds, 3)}


def stopped_run(run: dict[str, Any], reason: str, seconds: float) -> dict[str, Any]:
    """Returns the run.json of a run that was ended on purpose before its last epoch.

    It is not a result: if the whole run is asked for, it is trained anew.
    """
    return {**run, "status": "stopped", "reason": reason, "seconds": round(seconds, 3)}


def read_status(folder: Path, fingerprint: str | None, *, tested: bool = False) -> str | None:
    """Returns the status in the folder's run.json if the run has that fingerprint, else None.

    A file that cannot be read has no status, and neither has a run that is done but lacks its
    figures: such a run is trained again.

    Args:
        folder: folder of the run.
        fingerprint: fingerprint of the run that is asked for; a run recorded by callbacks has None.
        tested: whether test figures are asked for too, so that a run that is done but left the test
            set unread has no status.
    """
    run = _object(folder / "run.json")
    if run is None or run.get("fingerprint") != fingerprint:
        return None
    lacks_figures = run.get("status") == "done" and (
        _object(folder / "metrics.json") is None or (tested and not run.get("test_read", True))
    )
    return None if lacks_figures else run.get("status")


def _object(path: Path) -> dict[str, Any] | None:
    """Returns what a JSON file holds; None for one that is not there or holds no object."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
