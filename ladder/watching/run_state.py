"""The state of a run, as far as its folder shows it."""

from __future__ import annotations

from ...runs.lock import is_held
from ...runs.run_file import FINISHED
from .run_reader import SeenRun

RUNNING = "running"
STOPPED = "stopped"
GIVEN_UP = "given up"
WAITING = "waiting"

# If it cannot be told whether a training's process lives, the training is taken to be over when it
# has written nothing for this many of its epochs, and for this many seconds.
_SILENT_EPOCHS = 10
_SILENT_SECONDS = 120.0
# The status in run.json of a search's trial that was ended before its last epoch.
_ENDED_ON_PURPOSE = "stopped"


def state_of(seen: SeenRun, now: float) -> str:
    """Returns `done`, `failed`, `given up`, `running`, or `stopped` if nobody trains it.

    A process of this machine that trains a run of a study holds the run's folder. Other trainings,
    such as those that a callback records, are judged by when they last wrote a file.

    Args:
        seen: the run.
        now: the current time in seconds since 1970.
    """
    if seen.run.status in FINISHED:
        return seen.run.status
    if seen.run.status == _ENDED_ON_PURPOSE:
        return GIVEN_UP
    held = is_held(seen.run.folder)
    if held is None:
        an_epoch = seen.seconds / seen.epoch if seen.epoch else 0.0
        held = now - seen.at < max(_SILENT_SECONDS, _SILENT_EPOCHS * an_epoch)
    return RUNNING if held else STOPPED
