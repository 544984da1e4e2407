"""A job: one run to make, as plain values that travel to a worker process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..recipes import Blueprint

# The name of the prepared data that hold all training examples.
WHOLE = "data"


@dataclass(frozen=True)
class Job:
    """One training: a blueprint and a seed, and the folder that the run goes to.

    Attributes:
        name: name of the rung or trick.
        fingerprint: sha256 over all that decides the figures, in hex.
        blueprint: what to train.
        seed: seed of weights, order and draws, 0 or above.
        folder: the run folder.
        command: the command or call that asked for it, for the record.
        save_model: whether to write model.keras.
        data: name of the prepared data that it trains on, a folder of the executor's.
        read_test: whether to measure on the test set too.
        threads: of the worker, for the record.
        tensorboard: whether to write TensorBoard's event files.
        backbone: what run.json tells of the network that was trained before: `source` and `sha256`
            of its weights; None where there is none.
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
