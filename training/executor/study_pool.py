"""What a study needs from its workers besides training its runs."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any

from ...data import DataError, DataSpec
from ...recipes import Blueprint
from ..errors import LadderError
from ..job import WHOLE
from .worker_pool import WorkerPool
from .worker_service import Event


class StudyPool(WorkerPool):
    """A pool of workers that also does what a study needs besides training its runs.

    Args:
        scratch: folder for the prepared data.
    """

    def __init__(self, scratch: Path) -> None:
        super().__init__()
        self._scratch = scratch

    @abstractmethod
    def default_workers(self, data_bytes: int) -> int:
        """Returns how many workers there is room for with data of this size, 1 or more."""

    @abstractmethod
    def ask(self, order: Event) -> Event:
        """Gives a worker an order other than a run, and returns its answer."""

    @property
    def data_folder(self) -> Path:
        """Where the prepared data lie."""
        return self.folder_of(WHOLE)

    def folder_of(self, data: str) -> Path:
        """Returns the folder of the prepared data of this name, whether they exist yet or not."""
        return self._scratch / data

    def prepare(self, spec: DataSpec, name: str = WHOLE) -> dict[str, Any]:
        """Loads, checks, splits and saves the data; returns their summary.

        Args:
            spec: which data.
            name: name for the prepared data.

        Raises:
            DataError: if something is wrong with the data.
        """
        order = {"do": "prepare", "spec": spec.to_dict(), "folder": str(self.folder_of(name))}
        event = self.ask(order)
        if event["event"] == "refused":
            raise DataError(event["message"])
        summary: dict[str, Any] = event["data"]
        return summary

    def hash_weights(self, blueprint: Blueprint, name: str) -> str:
        """Returns the sha256 of a backbone's weights, which Keras downloads if they are not here.

        Args:
            blueprint: a blueprint with a backbone from keras.applications.
            name: name of the rung, for the message.

        Raises:
            LadderError: if the weights are not available; the text says how to get them.
        """
        order = {"do": "hash_weights", "blueprint": blueprint.to_dict()}
        return str(self._answer_about(name, order)["sha256"])

    def check(self, blueprint: Blueprint, name: str) -> list[str]:
        """Builds what the blueprint describes, once, without training it.

        Args:
            blueprint: what to build.
            name: name of the rung, for the message.

        Returns:
            What to tell the user before it is trained, one text each.

        Raises:
            LadderError: if it cannot be built; the text says why.
        """
        return list(self._answer_about(name, {"do": "check", **self._of(blueprint)})["notes"])

    def seconds_per_step(self, blueprint: Blueprint) -> float:
        """Returns the measured wall time of a training step of the blueprint.

        Raises:
            LadderError: if it cannot be trained.
        """
        event = self._answer_about("The baseline", {"do": "measure", **self._of(blueprint)})
        return float(event["seconds_per_step"])

    def _answer_about(self, name: str, order: Event) -> Event:
        event = self.ask(order)
        if event["event"] == "refused":
            raise LadderError(f"{name} cannot be trained: {event['message']}")
        return event

    def _of(self, blueprint: Blueprint) -> Event:
        return {"blueprint": blueprint.to_dict(), "data": str(self.data_folder)}
