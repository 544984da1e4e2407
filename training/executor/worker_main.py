"""A worker process: reads jobs from its standard input, trains them, tells of it on its output.

Every line in and out is one JSON object. In: `{"do": "prepare", "spec": ..., "folder": ...}`,
`{"do": "hash_weights", "blueprint": ...}` and
`{"do": "check", "blueprint": ..., "data": FOLDER}`, `{"do": "measure", ...}` with the same, and
`{"do": "train", "job": ..., "data": FOLDER, "wait": true or false}`. Out: `prepared` with the
data's summary, `weights_hashed` with the hash of a backbone's weights, which Keras has downloaded,
`refused` with a message for the user, `checked`, `measured` with a step's time,
`epoch` with figures, `ended` with the run's status. The process's one argument is the dtype policy.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import queue
import re
import shutil
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ...data import DataError, Dataset, DataSpec, load
from ...recipes import Blueprint, RecipeError
from ...runs.atomic_files import write_json
from ...runs.code_hash import code_hash
from ...runs.lock import FolderIsHeldError, locked
from ...runs.run_file import FINISHED, SAVED, ended_run, new_run, read_status
from ..job import Job
from ..output import printed_to
from .threads import keep_tensorflow_off_gpus, limit_tensorflow

if TYPE_CHECKING:
    from ..trainer import Trainer

LONGEST_REASON = 500
# No room on the disk or in memory, too many open files, a disk or a file server that is gone.
_OF_THE_MACHINE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE),
    *(errno.EIO, errno.EROFS, errno.ESTALE),
)
_LOG = "(see log.txt)"
_PLACE = re.compile(r'\s*File "|Detected at node .*most recent call last')

Tell = Callable[[dict[str, Any]], None]


class MachineFailure(Exception):  # noqa: N818 - a failure of the machine, told of, no mistake
    """Memory or disk ran out, or was gone, while a run was trained."""


def main() -> None:
    """Serves the parent process until it closes our standard input."""
    tell = _own_channel()
    orders = _orders(sys.stdin)
    trainer: Trainer | None = None
    folder = ""
    while True:
        order = orders.get()
        if order["do"] == "prepare":
            _prepare(order, tell)
            continue
        if order["do"] == "hash_weights":
            _hash_weights(Blueprint.from_dict(order["blueprint"]), tell)
            continue
        if trainer is None or order["data"] != folder:
            folder = order["data"]
            trainer = _start_trainer(Path(folder))
        if order["do"] == "measure":
            _measure(Blueprint.from_dict(order["blueprint"]), trainer, tell)
        elif order["do"] == "check":
            _check(Blueprint.from_dict(order["blueprint"]), trainer, tell)
        else:
            _train(Job.from_dict(order["job"]), trainer, tell, wait=order["wait"])


def _own_channel() -> Tell:
    """Takes standard output for our lines; what libraries print there goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def tell(event: dict[str, Any]) -> None:
        channel.write(json.dumps(event) + "\n")

    return tell


def _orders(stdin: TextIO) -> queue.SimpleQueue[dict[str, Any]]:
    """Reads orders beside the training, to notice when the parent is gone."""
    orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def read() -> None:
        for line in stdin:
            orders.put(json.loads(line))
        # The parent has ended or was killed: nobody waits for what is under way.
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    return orders


def _prepare(order: dict[str, Any], tell: Tell) -> None:
    try:
        data = load(DataSpec.from_dict(order["spec"]))
        data.save(order["folder"])
    except DataError as error:
        tell({"event": "refused", "message": str(error)})
    else:
        tell({"event": "prepared", "data": data.summary()})


def _hash_weights(blueprint: Blueprint, tell: Tell) -> None:
    from ..backbones.application import application_hash

    try:
        sha256 = application_hash(blueprint)
    except RecipeError as error:
        tell({"event": "refused", "message": str(error)})
    else:
        tell({"event": "weights_hashed", "sha256": sha256})


def _measure(blueprint: Blueprint, trainer: Trainer, tell: Tell) -> None:
    try:
        seconds = trainer.seconds_per_step(blueprint)
    # A user's layers can fail in any way.
    except Exception as error:
        tell({"event": "refused", "message": _reason(error)})
    else:
        tell({"event": "measured", "seconds_per_step": seconds})


def _check(blueprint: Blueprint, trainer: Trainer, tell: Tell) -> None:
    try:
        notes = trainer.check(blueprint)
    # A user's layers can fail in any way.
    except Exception as error:
        # What the machine has no room for now is no fault of the blueprint's.
        if not _is_of_the_machine(error):
            traceback.print_exc()
            tell({"event": "refused", "message": _reason(error)})
            return
        notes = []
    tell({"event": "checked", "notes": notes})


def _start_trainer(folder: Path) -> Trainer:
    import keras

    if keras.backend.backend() == "tensorflow":
        limit_tensorflow()
    from ..trainer import Trainer

    # What the imports made stays for good: to look through it each time costs a quarter of the time
    # that TensorFlow takes to compile a network.
    gc.freeze()
    return Trainer(Dataset.load(folder), sys.argv[1])


def _train(job: Job, trainer: Trainer, tell: Tell, *, wait: bool) -> None:
    try:
        _train_held(job, trainer, tell, wait)
    except FolderIsHeldError:
        # Another command trains it now; there may be others to train meanwhile.
        tell({"event": "ended", "status": "busy", "reason": None})
    except OSError as error:
        # Not even how it began or ended could be written down.
        traceback.print_exc()
        tell({"event": "ended", "status": "lost", "reason": _reason(error)})


def _train_held(job: Job, trainer: Trainer, tell: Tell, wait: bool) -> None:
    with locked(job.folder, wait=wait):
        if read_status(job.folder, job.fingerprint, tested=job.read_test) in FINISHED:
            # Another command on the same folder was faster.
            tell({"event": "ended", "status": "shared", "reason": None})
            return
        with printed_to(job.folder / "log.txt"):
            run = _new_run(job, trainer)
            write_json(job.folder / "run.json", run)
            if job.tensorboard and run["backend"] != "tensorflow":
                keep_tensorflow_off_gpus()
            try:
                reason = _reason_of_failure(job, trainer, tell)
            except MachineFailure as failure:
                # No finding about the trick: the run stays unfinished, to be trained again.
                with suppress(OSError):
                    write_json(job.folder / "run.json", {**run, "reason": str(failure)})
                tell({"event": "ended", "status": "lost", "reason": str(failure)})
                return
            # Last, for a run that says it has ended has all its files.
            run = ended_run(run, reason, trainer.seconds())
            write_json(job.folder / "run.json", run)
            # Nobody goes on with a run that has ended, not even with one that failed.
            shutil.rmtree(job.folder / SAVED, ignore_errors=True)
    tell({"event": "ended", "status": run["status"], "reason": reason})


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
        **more,
    )


def _reason_of_failure(job: Job, trainer: Trainer, tell: Tell) -> str | None:
    """Trains; returns None, or why the run failed: one failed run must not stop the others.

    Raises:
        MachineFailure: if it was no fault of the run's own.
    """
    from ..diverged import DivergedError

    metric = f"val_{job.blueprint.task.metric}"

    def on_epoch(epoch: int, logs: dict[str, float]) -> None:
        tell({"event": "epoch", "epoch": epoch, "value": logs.get(metric)})

    try:
        trainer.train(job, on_epoch)
    except (DivergedError, RecipeError) as error:
        return str(error)
    except Exception as error:
        traceback.print_exc()
        reason = f"{_reason(error)} {_LOG}"
        if _is_of_the_machine(error):
            raise MachineFailure(reason) from error
        return reason
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, RecipeError):
        return str(error)
    if _is_out_of_memory(error):
        return "out of memory on the device: lower --batch-size, --width or --jobs"
    return _in_one_line(f"{type(error).__name__}: {error}")


def _is_of_the_machine(error: Exception) -> bool:
    """Whether the same run could end well here once there is room."""
    is_error_of_it = isinstance(error, OSError) and error.errno in _OF_THE_MACHINE
    return is_error_of_it or _is_out_of_memory(error)


def _is_out_of_memory(error: Exception) -> bool:
    """Whether it is what TensorFlow, JAX, PyTorch or NumPy raise then."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"OutOfMemoryError", "ResourceExhaustedError", "MemoryError"}) or any(
        # JAX's, and PyTorch's on a CPU, which are of kinds that say nothing.
        sign in str(error)
        for sign in ("RESOURCE_EXHAUSTED", "DefaultCPUAllocator")
    )


def _in_one_line(text: str) -> str:
    """Shortens what Keras says over a page, in bold; log.txt has all of it."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).partition("Arguments received by")[0]
    # TensorFlow puts the places in the code before what went wrong.
    lines = [line for line in plain.splitlines() if not _PLACE.match(line)]
    line = " ".join(" ".join(lines).split())
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]} ..."


if __name__ == "__main__":
    main()
