"""Carrying out a study: training the runs that a folder lacks, and writing the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from ...data.batches.pipeline import steps_per_epoch
from ...runs.lock import locked
from ...training.cost import SECONDS_PER_RUN, wall_time
from ...training.executor.study_pool import StudyPool
from ...training.executor.worker_pool import outcomes
from ..cli.display import Progress, display_on
from ..cli.screen import screen
from ..result import LadderResult
from .looks_taken import Clock, as_it_ended, look_text, next_look, out_of_time_text
from .plan import Plan, Planner, planned
from .quicker_settings import quicker_settings
from .refit import check_reads_test, tell_ladder
from .replaced_report import replaced_report
from .run_options import RunOptions
from .study import Study
from .study_folder import (
    check_folder,
    check_nobody_trains,
    check_same_data,
    make_folder,
    write_study_file,
)
from .warm_start_checks import check_start_stays


@dataclass(frozen=True)
class Estimate:
    """What a command would do.

    Attributes:
        runs: number of different runs.
        new: number of runs that are not finished yet.
        jobs: worker processes that would train them.
        seconds: expected wall time.
        warnings: what is doubtful about the data.
        notes: what else to tell the user about the data, the arms and the report in the folder.
        quicker: how other settings would change the speed on this machine, a line each.
    """

    runs: int
    new: int
    jobs: int
    seconds: float
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    quicker: tuple[str, ...] = ()


def run_study(
    study: Study,
    out: Path,
    options: RunOptions,
    *,
    approve: Callable[[Plan], None] | None = None,
) -> LadderResult:
    """Trains what is missing in the folder `out` and writes the report there.

    Args:
        study: what to train.
        out: folder.
        options: where and how to train.
        approve: called with the plan before anything is trained; it may raise an error to stop.

    Raises:
        DataError: if something is wrong with the data, before any training starts.
        LadderError: for an arm that cannot be trained, or a folder that cannot be used.
    """
    check_reads_test(study, options)
    check_folder(out)
    if options.fresh:
        check_nobody_trains(out)
        check_start_stays(study, out)
    return _Session(study, out, options, approve).carry_out()


class _Session:
    """One command's work on a study; the study gains seeds if it is carried out in looks."""

    def __init__(
        self,
        study: Study,
        out: Path,
        options: RunOptions,
        approve: Callable[[Plan], None] | None,
    ) -> None:
        self._study, self._out, self._options, self._approve = study, out, options, approve
        self._console = screen(quiet=options.quiet)
        self._clock = Clock()

    def carry_out(self) -> LadderResult:
        out, options = self._out, self._options
        prepared = planned(self._study, out, options, move=True, begin=self._begin)
        with prepared as (planner, plan):
            for note in planner.notes:
                self._say(note)
            lost = self._train(planner, plan)
            if self._study.looks and not lost:
                lost = self._look_on(planner, plan)
            ended = planner.plan(self._study)
        with locked(out):
            # Written again, as a command with another study may have written its file meanwhile.
            self._write(ended)
            result = LadderResult.reported(out, self._study.file, lost)
            tell_ladder(self._study, out)
        return result

    def _begin(self, plan: Plan) -> None:
        """Prints what there is to do, and asks for approval."""
        out, is_fresh = self._out, self._options.fresh
        # Not earlier: if the data are not there, no folder should be left behind.
        make_folder(out)
        if not is_fresh:
            check_same_data(out, plan.data)
            if self._study.looks:
                self._study, self._clock.seeds_before = as_it_ended(self._study, out, plan)
        for line in _greeting(plan, out, self._options):
            self._say(line)
        if not is_fresh and (replaced := replaced_report(self._study, out, plan)):
            self._say(replaced)
        if self._study.looks and plan.missing:
            self._say(look_text(self._study, None, plan))
        if self._approve:
            self._approve(plan)

    def _train(self, planner: Planner, plan: Plan) -> dict[str, str]:
        """Trains what is missing; returns the runs whose process died, with the reason."""
        self._write(plan)
        began = time.monotonic()
        workers = worker_count(self._options, plan)
        lost = train_missing(planner.executor, plan, workers, self._console)
        if self._study.minutes is not None:
            seconds, most = time.monotonic() - began, self._options.jobs or plan.room
            self._clock.learn(plan, seconds, self._out, most)
        return lost

    def _look_on(self, planner: Planner, plan: Plan) -> dict[str, str]:
        """Adds seeds to what is undecided, look by look, while there is time.

        Args:
            planner: plans the runs of more seeds.
            plan: the plan of the first look, which has been taken.

        Returns:
            The runs whose process died, with the reason. If there are any, no more looks are taken.
        """
        while True:
            # Asked before it is known what this look decides.
            in_time = self._clock.within(self._study, plan)
            if in_time.looks != self._study.looks:
                self._say(out_of_time_text(in_time))
            self._study = in_time
            grown = next_look(in_time, self._out)
            if grown is None:
                return {}
            plan = planner.plan(grown)
            if plan.missing:
                self._say(look_text(grown, in_time, plan))
            self._study = grown
            if lost := self._train(planner, plan):
                return lost

    def _write(self, plan: Plan) -> None:
        write_study_file(self._study, self._out, plan, self._options.written_command)

    def _say(self, text: str) -> None:
        self._console.print(text)


def train_missing(
    executor: StudyPool, plan: Plan, workers: int, console: Console
) -> dict[str, str]:
    """Trains what is missing; returns the runs whose process died, with the reason."""
    executor.workers = workers
    progress = Progress({job.fingerprint: plan.cost(job) for job in plan.missing})
    with display_on(console, progress) as display:
        executor.observer = display
        return {
            job.folder.name: outcome.reason or ""
            for job, outcome in outcomes(executor, plan.missing)
            if outcome.status == "lost"
        }


def estimate_study(study: Study, out: Path, options: RunOptions) -> Estimate:
    """Returns what `run_study` would do, and how long it would take on this machine.

    A training step of the first arm is timed, and the times of the others are scaled by their
    numbers of multiplications. The step is also timed with half precision and with more threads,
    where these could be faster. If no run is missing, nothing is timed.
    """
    check_folder(out)
    with planned(study, out, options) as (planner, plan):
        if not options.fresh:
            check_same_data(out, plan.data)
        workers = worker_count(options, plan)
        seconds = expected_seconds(planner, plan, workers) if plan.missing else 0.0
        warnings, notes = tuple(plan.data["warnings"]), (*plan.data["notes"], *planner.notes)
        if not options.fresh and (replaced := replaced_report(study, out, plan)):
            notes = (*notes, replaced)
        quicker = quicker_settings(planner, plan)
        return Estimate(
            len(plan.jobs), len(plan.missing), workers, seconds, warnings, notes, quicker
        )


def expected_seconds(planner: Planner, plan: Plan, workers: int) -> float:
    """Returns how many seconds the plan's missing runs take together, from one measured step."""
    first = plan.jobs[0]
    step = planner.executor.seconds_per_step(first.blueprint)
    examples = plan.sizes[first.data]
    steps = steps_per_epoch(examples, first.blueprint.training.batch_of(examples))
    per_cost = step * steps * first.blueprint.epochs / plan.cost(first)
    costs = [plan.cost(job) * per_cost + SECONDS_PER_RUN for job in plan.missing]
    return wall_time(costs, workers, gpus=planner.options.gpus)


def worker_count(options: RunOptions, plan: Plan) -> int:
    """Returns how many workers train the plan's missing runs."""
    most = options.jobs or plan.room
    return min(most, max(1, len(plan.missing)))


def _greeting(plan: Plan, out: Path, options: RunOptions) -> Iterator[str]:
    yield from plan.said
    finished = len(plan.jobs) - len(plan.missing)
    if finished:
        yield f"{finished} of {len(plan.jobs)} runs are in {out} already and are not repeated."
    failed = [job.folder for job, status in plan.statuses.items() if status == "failed"]
    if failed:
        folders = ", ".join(map(str, failed))
        yield f"{len(failed)} of them failed; to train one again, delete its folder: {folders}"
    if plan.missing:
        workers = worker_count(options, plan)
        is_one_for_gpu = options.jobs is None and options.gpus and len(plan.missing) > workers
        # Whether Keras uses the GPUs is not known yet.
        which = "a GPU, which" if options.gpus == 1 else f"{options.gpus} GPUs, each of which"
        why = f": this machine has {which} one process fills; --jobs allows more"
        to_train = f"{len(plan.missing)} runs to train, {workers} at a time"
        yield f"{to_train}{why if is_one_for_gpu else ''}."
