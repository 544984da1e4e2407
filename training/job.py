"""A job: one run to train, as plain values that travel to a worker process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..recipes import Blueprint

# The name of the prepared data with all training examples.
WHOLE = "data"


@dataclass(frozen=True)
class Job:
    """One training: a blueprint, a seed, and the folder for the run.

    Attributes:
        name: name of the rung or trick.
        fingerprint: sha256 over everything that determines the figures, in hex.
        blueprint: what to train.
        seed: seed for weights, sample order and random draws, 0 or above.
        folder: the run folder.
        command: the command or call that requested the run, for the record.
        save_model: whether to write model.keras.
        data: name of the prepared data to train on, a folder of the executor's.
        read_test: whether to measure on the test set too.
        threads: threads of the worker, for the record.
        tensorboard: whether to write TensorBoard's event files.
        backbone: what run.json says about the backbone: `source`, and `sha256` of its weights; None
            if there is none.
    """

    name: str
    fingerprint: str
    blueprint: Blueprint
    seed: int
    folder: Path
    command: str
    save_model: bool
    data: str = WHOLE
    read_test: bool = True
    threads: int = 1
    tensorboard: bool = False
    backbone: Mapping[str, str] | None = field(default=None, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """Returns the job as a JSON-serialisable dictionary."""
        blueprint, folder = self.blueprint.to_dict(), str(self.folder)
        return {**asdict(self), "blueprint": blueprint, "folder": folder}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Job:
        """Returns the job that `to_dict` wrote."""
        blueprint = Blueprint.from_dict(value["blueprint"])
        return cls(**{**value, "blueprint": blueprint, "folder": Path(value["folder"])})
