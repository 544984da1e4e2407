"""Climbing a ladder: from rungs to runs in a folder and their report."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data.batches.pipeline import steps_per_epoch
from ..reports.pages.report import runs_frame, write_report
from ..runs.atomic_files import write_json
from ..runs.fingerprint import fingerprint
from ..runs.lock import locked
from ..runs.move_aside import move_aside
from ..runs.run_file import FINISHED, read_status
from ..runs.run_folder import read_runs
from ..runs.scratch import scratch_folder
from ..training.cost import SECONDS_PER_RUN, training_cost
from ..training.errors import LadderError
from ..training.executor.base_executor import outcomes
from ..training.executor.capacity import default_jobs
from ..training.executor.local_processes import LocalProcesses
from ..training.job import Job
from ..training.keras_settings import KerasSettings, keras_settings
from ..training.transforms import AUGMENTATION
from .cli.display import LiveDisplay, PlainDisplay, Progress
from .cli.screen import screen
from .result import LadderResult

if TYPE_CHECKING:
    from .ladder import Ladder


@dataclass(frozen=True)
class Plan:
    """What a command has to do in a folder.

    Attributes:
        fingerprints: of every run of the ladder, by rung and seed.
        statuses: every different run, each once, with its status in the folder or None.
        data: summary of the data.
        data_bytes: memory that the prepared data take.
    """

    fingerprints: dict[tuple[int, int], str]
    statuses: dict[Job, str | None]
    data: dict[str, Any]
    data_bytes: int

    @property
    def jobs(self) -> list[Job]:
        """Every different run."""
        return list(self.statuses)

    @property
    def missing(self) -> list[Job]:
        """The runs that are not finished in the folder."""
        return [job for job, status in self.statuses.items() if status not in FINISHED]

    def cost(self, job: Job) -> float:
        """Returns the job's cost in multiplications."""
        shape = tuple(self.data.get("image_shape") or self.data["input_shape"])
        units = len(self.data.get("classes", ())) or 1
        return training_cost(job.blueprint, shape, units, self.data["train"])


@dataclass(frozen=True)
class Estimate:
    """What a command would do.

    Attributes:
        runs: number of different runs.
        new: those that are not finished yet.
        jobs: worker processes that would train them.
        seconds: expected wall time.
    """

    runs: int
    new: int
    jobs: int
    seconds: float


def climb(
    ladder: Ladder,
    out: Path,
    *,
    jobs: int | None = None,
    models: bool = True,
    fresh: bool = False,
    command: str | None = None,
    backend: str | None = None,
    precision: str | None = None,
) -> LadderResult:
    """Trains what is missing in the folder `out` and writes the report there.

    Args:
        ladder: what to train.
        out: folder.
        jobs: worker processes; None is one per core, as far as memory goes.
        models: whether to keep each run's model.keras.
        fresh: whether to move what an earlier command left there aside first.
        command: what to write down as the command.
        backend: "tensorflow", "jax" or "torch"; None is what Keras is set to.
        precision: dtype policy of Keras, such as "mixed_bfloat16"; None is what Keras is set to.
    """
    console = screen()
    command = command or _calling_program()
    _check_jobs(jobs)
    _check_folder(out)
    _make_folder(out)
    settings = keras_settings(backend, precision)
    with _planned(ladder, out, models, command, fresh, settings) as (executor, plan):
        workers = min(jobs or default_jobs(plan.data_bytes), max(1, len(plan.missing)))
        for line in _greeting(plan, out, workers):
            console.print(line, markup=False)
        _write_ladder_json(ladder, out, plan, command)
        progress = Progress({job.fingerprint: plan.cost(job) for job in plan.missing})
        display_class = LiveDisplay if console.is_terminal else PlainDisplay
        with display_class(console, progress) as display:
            executor.workers, executor.observer = workers, display
            lost = {
                job.folder.name: outcome.reason or ""
                for job, outcome in outcomes(executor, plan.missing)
                if outcome.status == "lost"
            }
    with locked(out):
        # Again, as a command with another ladder may have written its own meanwhile.
        _write_ladder_json(ladder, out, plan, command)
        report = write_report(out)
        return LadderResult(out, report, runs_frame(out), lost)


def estimate(
    ladder: Ladder,
    out: Path,
    *,
    jobs: int | None = None,
    backend: str | None = None,
    precision: str | None = None,
) -> Estimate:
    """Returns what `climb` would do, and how long it would take on this machine.

    A training step of the baseline is timed; the other rungs are taken to cost as much more as
    they have multiplications. Where all is there, nothing is timed.
    """
    _check_jobs(jobs)
    _check_folder(out)
    settings = keras_settings(backend, precision)
    with _planned(ladder, out, False, "", False, settings) as (executor, plan):
        workers = min(jobs or default_jobs(plan.data_bytes), max(1, len(plan.missing)))
        seconds = 0.0
        if plan.missing:
            baseline = ladder.rungs[0].blueprint
            step = executor.seconds_per_step(baseline)
            first = plan.jobs[0]
            steps = steps_per_epoch(plan.data["train"], baseline.batch_size) * baseline.epochs
            per_cost = step * steps / plan.cost(first)
            costs = [plan.cost(job) * per_cost + SECONDS_PER_RUN for job in plan.missing]
            # The last runs leave workers idle: no less than the longest one.
            seconds = max(sum(costs) / workers, *costs)
        return Estimate(len(plan.jobs), len(plan.missing), workers, seconds)


@contextmanager
def _planned(
    ladder: Ladder, out: Path, models: bool, command: str, fresh: bool, settings: KerasSettings
) -> Iterator[tuple[LocalProcesses, Plan]]:
    with scratch_folder() as scratch, LocalProcesses(scratch, settings) as executor:
        if ladder.dataset is None:
            data = executor.prepare(ladder.spec.data)
        else:
            ladder.dataset.save(executor.data_folder)
            data = ladder.dataset.summary()
        _check_sizes(ladder, data)
        if fresh:
            move_aside(out)
        fingerprints = {
            (rung.index, seed): fingerprint(rung.blueprint.to_dict(), data, seed, *settings)
            for rung in ladder.rungs
            for seed in ladder.spec.seeds
        }
        jobs = _jobs(ladder, out, fingerprints, models, command)
        statuses = {job: read_status(job.folder, job.fingerprint) for job in jobs}
        _check_blueprints(executor, jobs, statuses)
        data_bytes = sum(file.stat().st_size for file in executor.data_folder.iterdir())
        yield executor, Plan(fingerprints, statuses, data, data_bytes)


def _check_blueprints(
    executor: LocalProcesses, jobs: list[Job], statuses: dict[Job, str | None]
) -> None:
    """Refuses before any training a rung that cannot be built, as one with a misspelt layer."""
    names = {job.blueprint: job.name for job in jobs if statuses[job] not in FINISHED}
    for blueprint, name in names.items():
        executor.check(blueprint, name)


def _jobs(
    ladder: Ladder,
    out: Path,
    fingerprints: dict[tuple[int, int], str],
    models: bool,
    command: str,
) -> list[Job]:
    """Returns a job per rung and seed; equal ones, whatever their rungs' names, once."""
    there = _folders_by_fingerprint(out)
    jobs: dict[str, Job] = {}
    for (index, seed), key in fingerprints.items():
        rung = ladder.rungs[index]
        folder = there.get(key, out / "runs" / f"{rung.name}-{key[:8]}")
        job = Job(rung.name, key, rung.blueprint, seed, folder, command, models)
        jobs.setdefault(key, job)
    return list(jobs.values())


def _greeting(plan: Plan, out: Path, workers: int) -> Iterator[str]:
    for text in plan.data["warnings"]:
        yield f"Warning: {text}"
    finished = len(plan.jobs) - len(plan.missing)
    if finished:
        yield f"{finished} of {len(plan.jobs)} runs are in {out} already and are not repeated."
    failed = [job.folder for job, status in plan.statuses.items() if status == "failed"]
    if failed:
        folders = ", ".join(map(str, failed))
        yield f"{len(failed)} of them failed; to train one again, delete its folder: {folders}"
    if plan.missing:
        yield f"{len(plan.missing)} runs to train, {workers} at a time."


def _folders_by_fingerprint(out: Path) -> dict[str, Path]:
    """Returns the run folders that are there: a run keeps its folder when its rung moves."""
    return {run.fingerprint: run.folder for run in read_runs(out / "runs") if run.fingerprint}


def _check_jobs(jobs: int | None) -> None:
    if jobs is not None and not (isinstance(jobs, int) and jobs >= 1):
        raise LadderError(f"jobs must be a whole number from 1. Received: jobs={jobs!r}")


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise LadderError(f"{out} is a file; --out takes a folder.")
    is_other = out.is_dir() and any(out.iterdir()) and not (out / "ladder.json").exists()
    if is_other and not (out / "runs").is_dir():
        raise LadderError(
            f"{out} is not empty and holds no ladder. Give a new or an empty folder with --out."
        )


def _make_folder(out: Path) -> None:
    try:
        (out / "runs").mkdir(parents=True, exist_ok=True)
        (out / "runs" / ".writable").touch()
        (out / "runs" / ".writable").unlink()
    except OSError as error:
        raise LadderError(
            f"{out} cannot be written: {error.strerror}. Give another with --out."
        ) from error


def _check_sizes(ladder: Ladder, data: dict[str, Any]) -> None:
    """Refuses before any training what could only fail in it."""
    for rung in ladder.rungs:
        blueprint = rung.blueprint
        _check_task(rung.name, blueprint.task.kind, data)
        if blueprint.batch_size > data["train"]:
            raise LadderError(
                f"{rung.name}: the batch size is {blueprint.batch_size}, and there are only "
                f"{data['train']} training images. Lower --batch-size."
            )
        if "image_shape" not in data:
            continue
        height, width, _ = data["image_shape"]
        # A layer of the user's own may mean something else by these names.
        moves = [slot.config for slot in blueprint.transforms if slot.config.path == AUGMENTATION]
        for field in ("shift_pixels", "crop_padding_pixels"):
            moved = max((dict(config.arguments).get(field, 0) for config in moves), default=0)
            if moved >= min(height, width):
                raise LadderError(
                    f"{rung.name}: {field} is {moved:g}, which moves the images, of "
                    f"{height}x{width} pixels, out of sight. Lower it in the ladder file."
                )
        smallest = 2 ** len(blueprint.filters)
        if blueprint.base is None and min(height, width) < smallest:
            raise LadderError(
                f"{rung.name}: the network halves the images {len(blueprint.filters)} times, so "
                f"they need at least {smallest}x{smallest} pixels, and these have "
                f"{height}x{width}. Give fewer `filters` in [baseline] of a ladder file."
            )


def _check_task(name: str, kind: str, data: dict[str, Any]) -> None:
    wanted = "classification" if "classes" in data else "regression"
    if kind != wanted:
        raise LadderError(
            f"{name}: the ladder's task is {kind}, and {data['name']} is for a {wanted}. Say "
            f'kind = "{wanted}" in [task] of a ladder file, or name other data with --data.'
        )


def _write_ladder_json(ladder: Ladder, out: Path, plan: Plan, command: str) -> None:
    rungs = [
        {
            "index": rung.index,
            "name": rung.name,
            "recipes": list(rung.recipes),
            "changed": rung.changed,
            "reported": rung.reported,
            "fingerprints": {
                str(seed): plan.fingerprints[rung.index, seed] for seed in ladder.spec.seeds
            },
        }
        for rung in ladder.rungs
    ]
    write_json(
        out / "ladder.json",
        {
            "format": 1,
            "ladder": ladder.spec.name,
            "command": command,
            "created": datetime.now().astimezone().isoformat(timespec="seconds"),
            "seeds": list(ladder.spec.seeds),
            "task": ladder.spec.baseline.task.facts(),
            "data": plan.data,
            "rungs": rungs,
        },
    )


def _calling_program() -> str:
    return shlex.join(["python", *sys.argv]) if sys.argv and sys.argv[0] else "python"
