"""Training runs in worker processes on this machine."""

from __future__ import annotations

from pathlib import Path

from ...recipes import Blueprint
from ..errors import LadderError
from ..keras_settings import KerasSettings
from .capacity import default_jobs
from .gpus import visible_gpus
from .study_pool import StudyPool
from .worker_pool import Worker, WorkerDiedError
from .worker_process import WorkerProcess
from .worker_service import Event


class LocalProcesses(StudyPool):
    """An executor with worker processes on this machine; it leaves none behind.

    On a machine with several GPUs each process uses one of them, and the processes are spread
    evenly.

    Args:
        scratch: folder for the prepared data and the workers' own logs.
        settings: settings of Keras in the workers.
    """

    def __init__(self, scratch: Path, settings: KerasSettings) -> None:
        super().__init__(scratch)
        self._settings = settings
        self._started = 0
        self._gpus = visible_gpus()
        self._gpu_of: dict[Worker, str | None] = {}

    def default_workers(self, data_bytes: int) -> int:
        """Returns how many workers this machine has room for."""
        return default_jobs(data_bytes, self._settings.threads)

    def seconds_per_step_with(self, settings: KerasSettings, blueprint: Blueprint) -> float | None:
        """Returns the wall time of a training step with other settings; None if it fails."""
        log = self._scratch / f"{settings.precision}-{settings.threads}.txt"
        worker = WorkerProcess(log, settings)
        try:
            event = worker.order({"do": "measure", **self._of(blueprint)}).result()
        except WorkerDiedError:
            return None
        finally:
            worker.end()
        return float(event["seconds_per_step"]) if event["event"] == "measured" else None

    def ask(self, order: Event) -> Event:
        """Gives a worker an order other than a run, and returns its answer.

        Raises:
            LadderError: if the worker ends without an answer.
        """
        if not self._idle:
            self._start()
        try:
            return self._answer_of(self._idle[0], order)
        except WorkerDiedError as error:
            raise LadderError(f"A worker could not go on: {error}") from error

    def _start(self) -> None:
        self._started += 1
        log = self._scratch / f"worker-{self._started}.txt"
        gpu = self._gpu_of_fewest()
        worker = WorkerProcess(log, self._settings, gpu)
        self._gpu_of[worker] = gpu
        self._idle.append(worker)

    def _gpu_of_fewest(self) -> str | None:
        """Returns the GPU with the fewest workers; None if there are not several GPUs."""
        if len(self._gpus) < 2:
            return None
        held = [self._gpu_of[worker] for worker in (*self._idle, *self._busy)]
        return min(self._gpus, key=held.count)
