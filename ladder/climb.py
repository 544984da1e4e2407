"""Climbing a ladder: from rungs to runs in a folder and their report."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ..data.pipeline import steps_per_epoch
from ..reports.files import write_json
from ..reports.report import write_report
from .cost import SECONDS_PER_RUN, training_cost
from .crew import default_jobs
from .display import LiveDisplay, PlainDisplay, Progress
from .errors import LadderError
from .fingerprint import fingerprint
from .job import Job
from .result import LadderResult
from .run_file import FINISHED, read_status
from .runner import Runner

if TYPE_CHECKING:
    from .ladder import Ladder


@dataclass(frozen=True)
class Plan:
    """What a command has to do in a folder.

    Attributes:
        jobs: every different run of the ladder, each once.
        missing: those that are not finished in the folder.
        data: summary of the data.
        data_bytes: memory that the prepared data take.
    """

    jobs: list[Job]
    missing: list[Job]
    data: dict[str, Any]
    data_bytes: int

    def cost(self, job: Job) -> float:
        """Returns the job's cost in multiplications."""
        shape, classes = tuple(self.data["image_shape"]), len(self.data["classes"])
        return training_cost(job.blueprint, shape, classes, self.data["train"])


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
    command: str | None = None,
    console: Console | None = None,
) -> LadderResult:
    """Trains what is missing in the folder `out` and writes the report there.

    Args:
        ladder: what to train.
        out: folder.
        jobs: worker processes; None is one per core, as far as memory goes.
        models: whether to keep each run's model.keras.
        command: what to write down as the command.
        console: where progress is shown; None is standard output.
    """
    console = console or Console()
    command = command or _calling_program()
    _check_folder(out)
    _make_folder(out)
    with _planned(ladder, out, models, command) as (runner, plan):
        finished = len(plan.jobs) - len(plan.missing)
        if finished:
            console.print(
                f"{finished} of {len(plan.jobs)} runs are in {out} already and are not repeated.",
                markup=False,
            )
        for text in plan.data["warnings"]:
            console.print(f"Warning: {text}", markup=False)
        _write_ladder_json(ladder, out, plan, command)
        progress = Progress({job.fingerprint: plan.cost(job) for job in plan.missing})
        display_class = LiveDisplay if console.is_terminal else PlainDisplay
        with display_class(console, progress) as display:
            workers = jobs or default_jobs(plan.data_bytes)
            outcome = runner.run(plan.missing, workers, display)
    write_report(out)
    return LadderResult(out, lost=outcome.lost)


def estimate(ladder: Ladder, out: Path, *, jobs: int | None = None) -> Estimate:
    """Returns what `climb` would do, and how long it would take on this machine.

    A training step of the baseline is timed; the other rungs are taken to cost as much more as
    they have multiplications. Where all is there, nothing is timed.
    """
    _check_folder(out)
    with _planned(ladder, out, False, "") as (runner, plan):
        workers = min(jobs or default_jobs(plan.data_bytes), max(1, len(plan.missing)))
        seconds = 0.0
        if plan.missing:
            baseline = ladder.rungs[0].blueprint
            step = runner.seconds_per_step(baseline.to_dict())
            first = plan.jobs[0]
            steps = steps_per_epoch(plan.data["train"], baseline.batch_size) * baseline.epochs
            per_cost = step * steps / plan.cost(first)
            costs = [plan.cost(job) * per_cost + SECONDS_PER_RUN for job in plan.missing]
            # The last runs leave workers idle: no less than the longest one.
            seconds = max(sum(costs) / workers, *costs)
        return Estimate(len(plan.jobs), len(plan.missing), workers, seconds)


@contextmanager
def _planned(
    ladder: Ladder, out: Path, models: bool, command: str
) -> Iterator[tuple[Runner, Plan]]:
    with (
        tempfile.TemporaryDirectory(prefix="trickbook-") as scratch,
        Runner(Path(scratch), _backend()) as runner,
    ):
        if ladder.dataset is None:
            data = runner.prepare(ladder.spec.data)
        else:
            ladder.dataset.save(runner.data_folder)
            data = ladder.dataset.summary()
        _check_sizes(ladder, data)
        planned = _jobs(ladder, out, data, models, command)
        missing = [
            job for job in planned if read_status(job.folder, job.fingerprint) not in FINISHED
        ]
        data_bytes = sum(file.stat().st_size for file in runner.data_folder.iterdir())
        yield runner, Plan(planned, missing, data, data_bytes)


def _jobs(ladder: Ladder, out: Path, data: dict[str, Any], models: bool, command: str) -> list[Job]:
    """Returns a job per rung and seed; equal ones, whatever their rungs' names, once."""
    there = _folders_by_fingerprint(out)
    jobs: dict[str, Job] = {}
    for rung in ladder.rungs:
        for seed in ladder.spec.seeds:
            key = _fingerprint(rung.blueprint, data, seed)
            folder = there.get(key, out / "runs" / f"{rung.name}-{key[:8]}")
            job = Job(rung.name, key, rung.blueprint, seed, folder, command, models)
            jobs.setdefault(key, job)
    return list(jobs.values())


def _folders_by_fingerprint(out: Path) -> dict[str, Path]:
    """Returns the run folders that are there: a run keeps its folder when its rung moves."""
    found = {}
    for path in sorted((out / "runs").glob("*/run.json")):
        run = json.loads(path.read_text(encoding="utf-8"))
        if run.get("fingerprint"):
            found[run["fingerprint"]] = path.parent
    return found


def _fingerprint(blueprint: Any, data: dict[str, Any], seed: int) -> str:
    return fingerprint(blueprint, data, seed, _backend(), "float32")


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
    baseline = ladder.rungs[0].blueprint
    if baseline.batch_size > data["train"]:
        raise LadderError(
            f"The batch size is {baseline.batch_size}, and there are only {data['train']} training "
            "images. Lower --batch-size."
        )
    height, width, _ = data["image_shape"]
    smallest = 2 ** len(baseline.filters)
    if baseline.base is None and min(height, width) < smallest:
        raise LadderError(
            f"The network halves the images {len(baseline.filters)} times, so they need at least "
            f"{smallest}x{smallest} pixels, and these have {height}x{width}. Give fewer `filters` "
            "in [baseline] of a ladder file."
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
                str(seed): _fingerprint(rung.blueprint, plan.data, seed)
                for seed in ladder.spec.seeds
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
            "data": plan.data,
            "rungs": rungs,
        },
    )


def _backend() -> str:
    """Returns Keras's backend as Keras finds it, without importing Keras, which loads it."""
    if named := os.environ.get("KERAS_BACKEND"):
        return named
    config = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras.json"
    if config.is_file():
        return json.loads(config.read_text(encoding="utf-8")).get("backend", "tensorflow")
    return "tensorflow"


def _calling_program() -> str:
    return shlex.join(["python", *sys.argv]) if sys.argv and sys.argv[0] else "python"
