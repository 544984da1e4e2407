"""What a run is at, as far as its folder tells."""

from __future__ import annotations

from ...runs.lock import is_held
from ...runs.run_file import FINISHED
from .run_reader import SeenRun

RUNNING = "running"
STOPPED = "stopped"
WAITING = "waiting"

# A training whose process cannot be asked for is taken to be over when it has been silent for so
# many times its epoch, and for so many seconds.
_SILENT_EPOCHS = 10
_SILENT_SECONDS = 120.0


def state_of(seen: SeenRun, now: float) -> str:
    """Returns `done`, `failed`, `running` or, of one that nobody goes on with, `stopped`.

    A process of this machine that trains a run of a study holds its folder. Other trainings, such
    as those that a callback records, are judged by when they last wrote.

    Args:
        seen: the run.
        now: in seconds since 1970.
    """
    if seen.run.status in FINISHED:
        return seen.run.status
    held = is_held(seen.run.folder)
    if held is None:
        an_epoch = seen.seconds / seen.epoch if seen.epoch else 0.0
        held = now - seen.at < max(_SILENT_SECONDS, _SILENT_EPOCHS * an_epoch)
    return RUNNING if held else STOPPED
