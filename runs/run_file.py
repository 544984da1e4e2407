"""run.json: what a run was, and how it ended."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from ..training.job import Job

FINISHED = ("done", "failed")

# The sub-folder of a run under way that holds what it needs to go on after a kill.
SAVED = "resume"


def started_run(job: Job, data: dict[str, Any]) -> dict[str, Any]:
    """Returns the run.json of a run that begins now."""
    import keras

    from .environment import machine, versions

    return {
        "format": 1,
        "name": job.name,
        "fingerprint": job.fingerprint,
        "status": "running",
        "reason": None,
        "seed": job.seed,
        "blueprint": job.blueprint.to_dict(),
        "data": data,
        "versions": versions(),
        "backend": keras.backend.backend(),
        "precision": keras.config.dtype_policy().name,
        "machine": machine(),
        "command": job.command,
        "started": datetime.now().astimezone().isoformat(timespec="seconds"),
        "seconds": None,
    }


def ended_run(run: dict[str, Any], reason: str | None, seconds: float) -> dict[str, Any]:
    """Returns the run.json of a run that has ended, done or, with a reason, failed."""
    status = "done" if reason is None else "failed"
    return {**run, "status": status, "reason": reason, "seconds": round(seconds, 3)}


def read_status(folder: Path, fingerprint: str) -> str | None:
    """Returns the status in the folder's run.json if it is the run of that fingerprint."""
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return run.get("status") if run.get("fingerprint") == fingerprint else None
