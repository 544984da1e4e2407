"""Where and how the runs of a study are trained."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ...argument_checks import is_whole
from ...recipes import nearest
from ...training.errors import LadderError
from ...training.executor.gpus import visible_gpus
from ...training.executor.ray_address import check_address
from ...training.keras_settings import KerasSettings, keras_settings


@dataclass(frozen=True)
class RunOptions:
    """Where and how the runs of a study are trained; `Ladder.run` takes options of the same names.

    Raises:
        LadderError: for an invalid number of processes or cluster, and for event files if a package
            that writes them is not installed.
    """

    jobs: int | None = None
    threads: int = 1
    on: str | None = None
    shared: bool = False
    models: bool = True
    read_test: bool = True
    tensorboard: bool = False
    fresh: bool = False
    quiet: bool = False
    command: str | None = None
    backend: str | None = None
    precision: str | None = None

    def __post_init__(self) -> None:
        if self.jobs is not None and not is_whole(self.jobs, 1):
            raise LadderError(f"jobs must be a whole number from 1. Received: jobs={self.jobs!r}")
        if self.on is not None:
            check_address(self.on)
        elif self.shared:
            raise LadderError("shared (--shared) needs a cluster: name it with on (--on).")
        if self.tensorboard:
            _check_tensorboard()

    @classmethod
    def named(cls, given: Mapping[str, Any]) -> RunOptions:
        """Returns the options of these names.

        Raises:
            LadderError: for a name that is no option, and as for the class.
        """
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                raise LadderError(
                    f"This study has no option {name!r}.{nearest(name, known)} "
                    f"Known: {', '.join(known)}."
                )
        return cls(**given)

    def keras_settings(self) -> KerasSettings:
        """Returns what Keras runs with.

        Raises:
            LadderError: as `trickbook.training.keras_settings.keras_settings` says.
        """
        return keras_settings(self.backend, self.precision, self.threads)

    @property
    def gpus(self) -> int:
        """The number of this machine's GPUs that the workers train on; 0 for none."""
        return len(visible_gpus()) if self.on is None else 0

    @property
    def written_command(self) -> str:
        """The command that is recorded in the runs and in the study's file."""
        program = ["python", *sys.argv] if sys.argv and sys.argv[0] else ["python"]
        return self.command or shlex.join(program)


def _check_tensorboard() -> None:
    # Looked for without an import: the process that plans loads no backend.
    for name in ("tensorflow", "tensorboard"):
        if importlib.util.find_spec(name) is None:
            raise LadderError(
                "tensorboard writes event files with TensorFlow and TensorBoard, but "
                f"{name} is not installed: pip install tensorboard"
            )
