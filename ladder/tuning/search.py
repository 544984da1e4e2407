"""Trains the trials of a search, as many at a time as there are workers."""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...recipes import RecipeError
from ...reports.read.measures import measures
from ...runs.run_file import FINISHED
from ...runs.run_folder import read_run
from ...training.errors import LadderError
from ...training.executor.outcome import Outcome
from ...training.executor.run_observer import RunObserver
from ...training.job import Job
from ..studies.plan import Planner
from .time_limit import TimeLimit
from .trials import FINGERPRINT, SECONDS, Trial, Trials
from .tuning import Tuning

_Event = tuple[Job, int, float | None] | tuple[Job, Future[Outcome]]


@dataclass
class _Run:
    """A run under way, and the trials that it is for; a run of the rung as it is may have none."""

    job: Job
    trials: list[Trial] = field(default_factory=list)
    is_own: bool = False
    is_pruned: bool = False
    began: float = field(default_factory=time.monotonic)


class Search:
    """Trains trials until there are enough.

    This class decides whether to give up a trial. It takes the reported figures one by one, so the
    epochs that a worker has trained in the meantime do not affect the decision.

    Args:
        tuning: what is searched.
        trials: the trials so far, to which new ones are added.
        planner: a planner with the options for trials.
        workers: how many runs are under way at a time.
        limit: decides until when new trials are begun.
        told: called after each trial that has ended.
    """

    def __init__(
        self,
        tuning: Tuning,
        trials: Trials,
        planner: Planner,
        workers: int,
        limit: TimeLimit,
        told: Callable[[], None],
    ) -> None:
        self._tuning, self._trials, self._planner = tuning, trials, planner
        self._workers, self._limit, self._told = workers, limit, told
        self._under_way: dict[str, _Run] = {}
        self._events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._lost: dict[str, str] = {}
        self._lost_trials = 0
        self.own_folder: Path | None = None

    def run(self, display: RunObserver) -> dict[str, str]:
        """Trains the trials; returns the runs whose process died, with the reason.

        Args:
            display: notified of all runs.
        """
        executor = self._planner.executor
        executor.workers, executor.observer = self._workers, _Heard(display, self._events)
        self._begin_own()
        while True:
            while len(self._under_way) < self._workers and self._wants_more():
                self._begin(self._trials.ask())
            if not self._under_way:
                return self._lost
            self._hear(self._events.get())

    def _wants_more(self) -> bool:
        under_way = sum(len(run.trials) for run in self._under_way.values())
        count = len(self._trials.ended) + under_way + self._lost_trials
        most = self._tuning.most_trials
        return (most is None or count < most) and self._limit.leaves_room()

    def _begin_own(self) -> None:
        """Trains the unchanged rung in the search's setup, for comparison with the trials."""
        job, status = self._planned(f"{self._tuning.rung.name},own", {})
        self.own_folder = job.folder
        if status not in FINISHED:
            self._submit(_Run(job, is_own=True))

    def _begin(self, trial: Trial) -> None:
        try:
            job, status = self._planned(
                f"{self._tuning.rung.name},trial={trial.number}", trial.values
            )
        except (RecipeError, LadderError) as error:
            # Each value is valid by itself, but not together with the others.
            self._trials.tell_failed(trial, str(error))
            self._told()
            return
        self._trials.note(trial, FINGERPRINT, job.fingerprint)
        like = self._trials.ended_like(job.fingerprint)
        if status in FINISHED:
            self._tell_ended(trial, job.folder)
        elif like is not None:
            for epoch, value in like.intermediate_values.items():
                self._trials.report(trial, epoch, value)
            self._trials.tell_pruned(trial)
        elif job.fingerprint in self._under_way:
            self._under_way[job.fingerprint].trials.append(trial)
            return
        else:
            self._submit(_Run(job, [trial]))
            return
        self._told()

    def _planned(self, name: str, values: dict[str, Any]) -> tuple[Job, str | None]:
        plan = self._planner.plan(self._tuning.trial_study(name, values))
        ((job, status),) = plan.statuses.items()
        return job, status

    def _submit(self, run: _Run) -> None:
        self._under_way[run.job.fingerprint] = run
        future = self._planner.executor.submit(run.job)
        future.add_done_callback(lambda ended: self._events.put((run.job, ended)))

    def _hear(self, event: _Event) -> None:
        run = self._under_way.get(event[0].fingerprint)
        if run is None:
            return
        if isinstance(event[1], Future):
            self._end(run, event[1].result())
        else:
            _, epoch, value = event
            self._follow(run, epoch, value)

    def _follow(self, run: _Run, epoch: int, value: float | None) -> None:
        """Records a figure of a run's curve, and stops the run if all its trials are given up."""
        if run.is_pruned or value is None or not math.isfinite(value):
            return
        asked = [self._trials.report(trial, epoch, value) for trial in run.trials]
        # At the last epoch stopping saves nothing; the run of the unchanged rung is needed whole.
        is_last = epoch >= run.job.blueprint.epochs
        if asked and all(asked) and not run.is_own and not is_last:
            run.is_pruned = True
            self._planner.executor.stop(run.job)

    def _end(self, run: _Run, outcome: Outcome) -> None:
        del self._under_way[run.job.fingerprint]
        self._limit.learn(time.monotonic() - run.began, is_whole=not run.is_pruned)
        if outcome.status == "lost":
            # Its trials stay under way; the next command takes them up.
            self._lost[run.job.folder.name] = outcome.reason or ""
            self._lost_trials += len(run.trials)
            return
        for trial in run.trials:
            self._trials.note(trial, SECONDS, round(time.monotonic() - run.began, 3))
            if run.is_pruned:
                self._trials.tell_pruned(trial)
            else:
                self._tell_ended(trial, run.job.folder)
            self._told()

    def _tell_ended(self, trial: Trial, folder: Path) -> None:
        score, reason = score_of(folder)
        if score is None:
            self._trials.tell_failed(trial, reason)
        else:
            cross_entropy = measures(read_run(folder))["val_cross_entropy"]
            self._trials.tell_done(trial, score, cross_entropy)


class _Heard:
    """An observer that passes everything on to a display, and figures of epochs to the search."""

    def __init__(self, display: RunObserver, events: queue.SimpleQueue[_Event]) -> None:
        self._display, self._events = display, events

    def started(self, job: Job) -> None:
        self._display.started(job)

    def epoch(self, job: Job, epoch: int, value: float | None) -> None:
        self._display.epoch(job, epoch, value)
        self._events.put((job, epoch, value))

    def ended(self, job: Job, status: str, reason: str | None) -> None:
        self._display.ended(job, status, reason)


def score_of(folder: Path) -> tuple[float | None, str]:
    """Returns the final deciding figure of a finished run, or None and the reason."""
    run = read_run(folder)
    if run.status != "done":
        return None, run.reason or f"its run is {run.status}"
    value = measures(run)["val"]
    return (value, "") if math.isfinite(value) else (None, "its validation figure is no number")
