"""What commands share that only try rungs out, and train no run."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ...data import Dataset, load
from ...recipes import RecipeError
from ...training.errors import LadderError
from ...training.keras_settings import keras_settings, settle_backend
from ...training.output import printed_to
from ..ladder import Ladder
from ..ladder_file import LadderSpec
from ..rung import Rung, find_rung
from ..studies.study_checks import check_arm
from ..task_of_data import with_task_of_data
from .data_flags import DataFlags
from .options import Backend, BatchSize, Precision, Width, scaled

Result = TypeVar("Result")


@dataclass(frozen=True)
class TrialFlags:
    """How rungs are tried out, and where pictures and tables go."""

    batch_size: BatchSize = None
    width: Width = None
    backend: Backend = None
    precision: Precision = None
    seed: Annotated[
        int,
        typer.Option(min=0, max=2**31 - 1, help="Seed for weights, sample order and random draws."),
    ] = 0
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for pictures and tables.")] = (
        Path()
    )

    def policy(self) -> str:
        """Settles Keras's backend for this process; returns the dtype policy of the trial.

        Raises:
            LadderError: for an unknown backend or precision.
        """
        settle_backend(self.backend)
        return keras_settings(self.backend, self.precision).precision

    def spec(self, flags: DataFlags) -> LadderSpec:
        """Returns the ladder that the flags give, with its task."""
        spec = flags.on_data()
        baseline = scaled(spec.baseline, self.width).with_budget(None, self.batch_size)
        return with_task_of_data(replace(spec, baseline=baseline))

    def make_folder(self) -> None:
        """Makes the folder of `--out`.

        Raises:
            LadderError: if it is a file.
        """
        if self.out.exists() and not self.out.is_dir():
            raise LadderError(f"{self.out} is a file; --out takes a folder.")
        self.out.mkdir(parents=True, exist_ok=True)


def chosen_rungs(spec: LadderSpec, names: str) -> list[Rung]:
    """Returns the rungs of a comma-separated list, each once.

    Raises:
        LadderError: for a name that no rung has, or several rungs have.
    """
    known = Ladder.from_spec(spec).rungs
    return list(dict.fromkeys(find_rung(known, name) for name in names.split(",")))


def tried(
    rungs: list[Rung], spec: LadderSpec, trial: Callable[[Rung, Dataset], Result]
) -> list[Result]:
    """Returns what a trial of each rung gives on the ladder's data.

    Raises:
        LadderError: for a rung that does not go with the data, or that cannot be trained.
    """
    dataset = load(spec.data)
    for rung in rungs:
        check_arm(rung.name, rung.blueprint, dataset.summary())
    return [_tried(rung, dataset, trial) for rung in rungs]


def _tried(rung: Rung, dataset: Dataset, trial: Callable[[Rung, Dataset], Result]) -> Result:
    # TensorFlow prints a lot when it is imported.
    with printed_to(os.devnull):
        try:
            return trial(rung, dataset)
        except RecipeError:
            raise
        # A user's layers can fail in any way.
        except Exception as error:
            reason = " ".join(str(error).split())
            raise LadderError(
                f"{rung.name} cannot be trained: {type(error).__name__}: {reason}"
            ) from error
