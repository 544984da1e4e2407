"""Carrying out a worker's orders, one after the other, wherever the worker runs.

An order is a dictionary of plain values:

- `{"do": "prepare", "spec": ..., "folder": ...}`
- `{"do": "hash_weights", "blueprint": ...}`
- `{"do": "check", "blueprint": ..., "data": NAME}`
- `{"do": "measure", "blueprint": ..., "data": NAME}`
- `{"do": "train", "job": ..., "data": NAME, "wait": true or false}`

The results are reported as events, also of plain values: `prepared` with the data's summary,
`weights_hashed` with the hash of a backbone's weights, which Keras has downloaded, `refused` with a
message for the user, `checked`, `measured` with a step's time, `epoch` with its figure, and `ended`
with the run's status, and with `is_spent` if the process is fit for no further run.

Stopping a run is a separate call, `stop`, since it happens while an order is carried out.
"""

from __future__ import annotations

import gc
import shutil
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...data import DataError, Dataset, DataSpec, load
from ...recipes import Blueprint, RecipeError
from ...runs.atomic_files import write_json
from ...runs.code_hash import code_hash
from ...runs.lock import FolderIsHeldError, locked
from ...runs.run_file import FINISHED, SAVED, ended_run, new_run, read_status, stopped_run
from ..interrupted_run import has_saved, taken_up
from ..job import Job
from ..output import printed_to
from .failure_reasons import is_of_cuda, is_of_the_machine, reason_of
from .prepared_data import save_prepared
from .threads import keep_tensorflow_off_gpus, limit_tensorflow

if TYPE_CHECKING:
    from ..trainer import Trainer

_LOG = "(see log.txt)"

Event = dict[str, Any]
Tell = Callable[[Event], None]


@dataclass(frozen=True)
class Failure:
    """Why a run could not be trained to its end.

    Attributes:
        reason: the reason, in one line.
        is_of_the_machine: whether the machine is to blame, for instance if memory ran out.
        is_of_cuda: whether the GPU may be unusable for this process from now on.
    """

    reason: str
    is_of_the_machine: bool = False
    is_of_cuda: bool = False


class StoppedError(Exception):
    """A run was stopped after an epoch, as requested; the text says after which."""


class WorkerService:
    """Carries out orders; it keeps the trainer of the last data, with its compiled models.

    Args:
        precision: dtype policy of Keras.
        tell: called with each event.
        load_data: returns the prepared data that an order names.
        threads: threads that an operation may use.
    """

    def __init__(
        self,
        precision: str,
        tell: Tell,
        load_data: Callable[[str], Dataset],
        *,
        threads: int = 1,
    ) -> None:
        self._precision, self._tell, self._load_data = precision, tell, load_data
        self._threads = threads
        self._is_set_up = False
        self._trainer: Trainer | None = None
        self._data = ""
        self._to_stop: set[str] = set()

    def stop(self, fingerprint: str) -> None:
        """Ends this run after its current epoch if it is under way; called from another thread."""
        self._to_stop.add(fingerprint)

    def carry_out(self, order: Event) -> None:
        """Does what the order says, and reports the result."""
        if order["do"] == "prepare":  # needs none of the imports that take seconds
            self._tell(_prepare(order))
            return
        self._set_up()
        if order["do"] == "train":
            self._to_stop.clear()  # requests that came too late for earlier runs
            job, trainer = Job.from_dict(order["job"]), self._trainer_on(order)
            _train(job, trainer, self._tell, self._to_stop, wait=order["wait"])
            return
        blueprint = Blueprint.from_dict(order["blueprint"])
        if order["do"] == "hash_weights":
            self._tell(_hash_weights(blueprint))
        elif order["do"] == "measure":
            self._tell(_measure(blueprint, self._trainer_on(order)))
        else:
            self._tell(_check(blueprint, self._trainer_on(order)))

    def _set_up(self) -> None:
        """Imports the trainer the first time, once TensorFlow's threads are set."""
        if not self._is_set_up:
            _import_trainer(self._threads)
            self._is_set_up = True

    def _trainer_on(self, order: Event) -> Trainer:
        if self._trainer is None or order["data"] != self._data:
            # Networks contain reference cycles: without this, the last one would still be in memory
            # beside the new data.
            self._trainer = None
            gc.collect()
            self._data = order["data"]
            self._trainer = _new_trainer(self._load_data(self._data), self._precision)
        return self._trainer


def _prepare(order: Event) -> Event:
    try:
        data = load(DataSpec.from_dict(order["spec"]))
        save_prepared(data, Path(order["folder"]))
    except DataError as error:
        return _refused(str(error))
    return {"event": "prepared", "data": data.summary()}


def _hash_weights(blueprint: Blueprint) -> Event:
    from ..backbones.application import application_hash

    try:
        return {"event": "weights_hashed", "sha256": application_hash(blueprint)}
    except RecipeError as error:
        return _refused(str(error))


def _measure(blueprint: Blueprint, trainer: Trainer) -> Event:
    try:
        return {"event": "measured", "seconds_per_step": trainer.seconds_per_step(blueprint)}
    # A user's layers can fail in any way.
    except Exception as error:
        return _refused(reason_of(error))


def _check(blueprint: Blueprint, trainer: Trainer) -> Event:
    try:
        return {"event": "checked", "notes": trainer.check(blueprint)}
    # A user's layers can fail in any way.
    except Exception as error:
        # If the machine has no room now, that is not the blueprint's fault.
        if is_of_the_machine(error):
            return {"event": "checked", "notes": []}
        traceback.print_exc()
        return _refused(reason_of(error))


def _refused(message: str) -> Event:
    return {"event": "refused", "message": message}


def _import_trainer(threads: int) -> None:
    """Imports the trainer into a process that has not imported it yet."""
    import keras

    if keras.backend.backend() == "tensorflow":
        limit_tensorflow(threads)
    from .. import trainer  # noqa: F401 - imported before the freeze below

    # Imported objects live until the end, and scanning them in every garbage collection costs a
    # quarter of the time that TensorFlow takes to compile a network. This comes before any network
    # is built, which would stay in memory too.
    gc.freeze()


def _new_trainer(data: Dataset, precision: str) -> Trainer:
    from ..trainer import Trainer

    return Trainer(data, precision)


def _train(job: Job, trainer: Trainer, tell: Tell, to_stop: set[str], *, wait: bool) -> None:
    try:
        _train_held(job, trainer, tell, to_stop, wait)
    except FolderIsHeldError:
        # Another command is training this run; there may be others to train in the meantime.
        tell(ended("busy"))
    except OSError as error:
        # Not even the run's start or end could be recorded.
        traceback.print_exc()
        tell(ended("lost", reason_of(error)))


def _train_held(job: Job, trainer: Trainer, tell: Tell, to_stop: set[str], wait: bool) -> None:
    with locked(job.folder, wait=wait):
        if read_status(job.folder, job.fingerprint, tested=job.read_test) in FINISHED:
            # Another command on the same folder was faster.
            tell(ended("shared"))
            return
        goes_on = has_saved(job.folder)
        with printed_to(job.folder / "log.txt", append=goes_on):
            run = _new_run(job, trainer)
            if goes_on:
                run = taken_up(run, job.folder)
            write_json(job.folder / "run.json", run)
            if job.tensorboard and run["backend"] != "tensorflow":
                keep_tensorflow_off_gpus()
            failure = None
            try:
                failure = _failure(job, trainer, tell, to_stop)
            except StoppedError as stop:
                run = stopped_run(run, str(stop), trainer.seconds())
            else:
                if failure is not None and failure.is_of_the_machine:
                    # This says nothing about the trick: the run stays unfinished, to be repeated.
                    with suppress(OSError):
                        write_json(job.folder / "run.json", {**run, "reason": failure.reason})
                    tell(ended("lost", failure.reason, is_spent=failure.is_of_cuda))
                    return
                if failure is None:
                    run["data"] = trainer.summary()
                run = ended_run(run, None if failure is None else failure.reason, trainer.seconds())
            # Written last, so that a run that says it has ended has all its files.
            write_json(job.folder / "run.json", run)
            # A run that has ended is never resumed, even if it failed.
            shutil.rmtree(job.folder / SAVED, ignore_errors=True)
    is_spent = failure is not None and failure.is_of_cuda
    tell(ended(run["status"], run["reason"], is_spent=is_spent))


def ended(status: str, reason: str | None = None, *, is_spent: bool = False) -> Event:
    """Returns the event that a run has ended; `is_spent` if its process is fit for no other."""
    event = {"event": "ended", "status": status, "reason": reason}
    return {**event, "is_spent": True} if is_spent else event


def _new_run(job: Job, trainer: Trainer) -> dict[str, Any]:
    more: dict[str, Any] = {} if job.backbone is None else {"backbone": dict(job.backbone)}
    return new_run(
        job.name,
        seed=job.seed,
        precision=trainer.precision,
        fingerprint=job.fingerprint,
        blueprint=job.blueprint.to_dict(),
        data=trainer.given.summary(),
        command=job.command,
        task=job.blueprint.task.facts(),
        code=code_hash(),
        test_read=job.read_test,
        threads=job.threads,
        **more,
    )


def _failure(job: Job, trainer: Trainer, tell: Tell, to_stop: set[str]) -> Failure | None:
    """Trains the run; returns None, or why it failed: one failed run must not stop the others.

    Raises:
        StoppedError: if the run was asked to end.
    """
    from ..diverged import DivergedError

    metric = f"val_{job.blueprint.task.metric}"

    def on_epoch(epoch: int, logs: dict[str, float]) -> None:
        tell({"event": "epoch", "epoch": epoch, "value": logs.get(metric)})
        if job.fingerprint in to_stop:
            raise StoppedError(f"stopped after epoch {epoch}")

    try:
        trainer.train(job, on_epoch)
    except (DivergedError, RecipeError) as error:
        return Failure(str(error))
    except StoppedError:
        raise
    except Exception as error:
        traceback.print_exc()
        return Failure(f"{reason_of(error)} {_LOG}", is_of_the_machine(error), is_of_cuda(error))
    return None
