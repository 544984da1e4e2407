"""Carrying a study out: training what a folder lacks, and writing the report."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from ...argument_checks import is_whole
from ...data.batches.pipeline import steps_per_epoch
from ...reports.pages.report import runs_frame
from ...reports.pages.study_report import write_study
from ...runs.lock import locked
from ...training.cost import SECONDS_PER_RUN
from ...training.errors import LadderError
from ...training.executor.base_executor import outcomes
from ...training.executor.capacity import default_jobs
from ...training.executor.local_processes import LocalProcesses
from ...training.keras_settings import keras_settings
from ..cli.display import LiveDisplay, PlainDisplay, Progress
from ..cli.screen import screen
from ..result import LadderResult
from .looks_taken import Clock, as_it_ended, look_text, next_look, out_of_time_text
from .plan import Plan, Planner, planned
from .study import Study
from .study_folder import (
    check_folder,
    check_nobody_trains,
    check_same_data,
    make_folder,
    write_study_file,
)


@dataclass(frozen=True)
class Estimate:
    """What a command would do.

    Attributes:
        runs: number of different runs.
        new: those that are not finished yet.
        jobs: worker processes that would train them.
        seconds: expected wall time.
        warnings: what is doubtful about the data.
        notes: what was read of them, and what was left out.
    """

    runs: int
    new: int
    jobs: int
    seconds: float
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def run_study(
    study: Study,
    out: Path,
    *,
    jobs: int | None = None,
    models: bool = True,
    read_test: bool = True,
    fresh: bool = False,
    quiet: bool = False,
    command: str | None = None,
    backend: str | None = None,
    precision: str | None = None,
    approve: Callable[[Plan], None] | None = None,
) -> LadderResult:
    """Trains what is missing in the folder `out` and writes the report there.

    Args:
        study: what to train.
        out: folder.
        jobs: worker processes; None is one per core, as far as memory goes.
        models: whether to keep each run's model.keras.
        read_test: whether to measure runs on the test set too; where it is, finished runs that left
            it unread are trained again.
        fresh: whether to move what an earlier command left there aside first.
        quiet: whether to print nothing.
        command: what to write down as the command.
        backend: "tensorflow", "jax" or "torch"; None is what Keras is set to.
        precision: dtype policy of Keras, such as "mixed_bfloat16"; None is what Keras is set to.
        approve: called with what there is to do before it is done; what it raises ends it.

    Raises:
        DataError: for what is wrong with the data, before any training starts.
        LadderError: for an arm that cannot be trained, or a folder that cannot be used.
    """
    console = Console(quiet=True) if quiet else screen()
    command = command or _calling_program()
    _check_jobs(jobs)
    check_folder(out)
    make_folder(out)
    if fresh:
        check_nobody_trains(out)
    elif study.looks:
        study = as_it_ended(study, out)
    settings = keras_settings(backend, precision)
    clock = Clock()

    def begin(plan: Plan) -> None:
        if not fresh:
            check_same_data(out, plan.data)
        for line in _greeting(plan, out, _workers(jobs, plan)):
            console.print(line, markup=False)
        if study.looks and plan.missing:
            console.print(look_text(study, None, plan), markup=False)
        if approve:
            approve(plan)

    with planned(
        study,
        out,
        settings,
        models=models,
        read_test=read_test,
        command=command,
        fresh=fresh,
        move=True,
        begin=begin,
    ) as (planner, plan):

        def train(study: Study, plan: Plan) -> dict[str, str]:
            write_study_file(study, out, plan, command)
            began = time.monotonic()
            lost = _train(planner.executor, plan, _workers(jobs, plan), console)
            clock.learn(plan, time.monotonic() - began)
            return lost

        lost = train(study, plan)
        if study.looks and not lost:
            study, lost = _look_on(study, plan, out, planner, train, clock, console)
        ended = planner.plan(study)
    with locked(out):
        # Again, as a command with another study may have written its own meanwhile.
        write_study_file(study, out, ended, command)
        report = write_study(out, study.file)
        return LadderResult(out, report, runs_frame(out, study.file), lost, study.file)


def _look_on(
    study: Study,
    plan: Plan,
    out: Path,
    planner: Planner,
    train: Callable[[Study, Plan], dict[str, str]],
    clock: Clock,
    console: Console,
) -> tuple[Study, dict[str, str]]:
    """Adds seeds to what is undecided, look by look, while there is time.

    Args:
        study: as its first look was taken.
        plan: of that look.
        out: the study's folder.
        planner: what plans for more seeds.
        train: what trains a plan, and returns the runs whose process died.
        clock: what knows how long runs take.
        console: where to say what is done.

    Returns:
        The study as far as it went, and the runs whose process died.
    """
    while True:
        # Before it is known what this look decides.
        in_time = clock.within(study, plan)
        if in_time.looks != study.looks:
            console.print(out_of_time_text(in_time), markup=False)
        grown = next_look(in_time, out)
        if grown is None:
            return in_time, {}
        plan = planner.plan(grown)
        if plan.missing:
            console.print(look_text(grown, in_time, plan), markup=False)
        study = grown
        if lost := train(study, plan):
            return study, lost


def _train(executor: LocalProcesses, plan: Plan, workers: int, console: Console) -> dict[str, str]:
    """Trains what is missing; returns the runs whose process died, with the reason."""
    executor.workers = workers
    progress = Progress({job.fingerprint: plan.cost(job) for job in plan.missing})
    display_class = LiveDisplay if console.is_terminal else PlainDisplay
    with display_class(console, progress) as display:
        executor.observer = display
        return {
            job.folder.name: outcome.reason or ""
            for job, outcome in outcomes(executor, plan.missing)
            if outcome.status == "lost"
        }


def estimate_study(
    study: Study,
    out: Path,
    *,
    jobs: int | None = None,
    read_test: bool = True,
    fresh: bool = False,
    backend: str | None = None,
    precision: str | None = None,
) -> Estimate:
    """Returns what `run_study` would do, and how long it would take on this machine.

    A training step of the first arm is timed; the others are taken to cost as much more as they
    have multiplications. Where all is there, nothing is timed.
    """
    _check_jobs(jobs)
    check_folder(out)
    settings = keras_settings(backend, precision)
    with planned(study, out, settings, read_test=read_test, fresh=fresh) as (planner, plan):
        if not fresh:
            check_same_data(out, plan.data)
        workers = _workers(jobs, plan)
        seconds = 0.0
        if plan.missing:
            first = study.arms[0].blueprint
            step = planner.executor.seconds_per_step(first)
            examples = plan.sizes[plan.jobs[0].data]
            steps = steps_per_epoch(examples, first.training.batch_of(examples)) * first.epochs
            per_cost = step * steps / plan.cost(plan.jobs[0])
            costs = [plan.cost(job) * per_cost + SECONDS_PER_RUN for job in plan.missing]
            # The last runs leave workers idle: no less than the longest one.
            seconds = max(sum(costs) / workers, *costs)
        warnings, notes = tuple(plan.data["warnings"]), tuple(plan.data["notes"])
        return Estimate(len(plan.jobs), len(plan.missing), workers, seconds, warnings, notes)


def _workers(jobs: int | None, plan: Plan) -> int:
    return min(jobs or default_jobs(plan.data_bytes), max(1, len(plan.missing)))


def _greeting(plan: Plan, out: Path, workers: int) -> Iterator[str]:
    yield from plan.data["notes"]
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


def _check_jobs(jobs: int | None) -> None:
    if jobs is not None and not is_whole(jobs, 1):
        raise LadderError(f"jobs must be a whole number from 1. Received: jobs={jobs!r}")


def _calling_program() -> str:
    return shlex.join(["python", *sys.argv]) if sys.argv and sys.argv[0] else "python"
