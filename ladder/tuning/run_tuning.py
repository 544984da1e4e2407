"""Carrying a search out: its trials, the runs that judge what it found, and the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from ...reports.pages.report import runs_frame
from ...reports.pages.study_report import write_study
from ...runs.deciding import Deciding
from ...runs.lock import FolderIsHeldError, locked
from ...training.errors import LadderError
from ...training.keras_settings import keras_settings
from ..cli.display import LiveDisplay, PlainDisplay
from ..cli.screen import screen
from ..result import LadderResult
from ..studies.plan import Plan, Planner, planned
from ..studies.run_options import RunOptions
from ..studies.run_study import expected_seconds, train_missing, worker_count
from ..studies.study import Study
from ..studies.study_folder import (
    check_folder,
    check_nobody_trains,
    check_same_data,
    make_folder,
    write_study_file,
)
from ..studies.warm_start_checks import check_start_stays
from .importance import importances
from .search import Search, score_of
from .search_checks import check_time, fitted_to_data
from .search_progress import SearchProgress
from .time_limit import TimeLimit
from .trial_facts import search_details
from .trials import SECONDS, Trials
from .tuning import Tuning

SEARCHES = "searches"


@dataclass(frozen=True)
class TuningEstimate:
    """What a search would do.

    Attributes:
        trials: how many there will be at most; None where only time limits them.
        judging: how many runs judge what it found.
        jobs: worker processes that would train them.
        seconds: expected wall time.
        notes: what is to be said of space and data.
    """

    trials: int | None
    judging: int
    jobs: int
    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Prepared:
    """A search on data that are there, checked.

    Attributes:
        tuning: what is searched, its space as the data allow.
        planner: for runs that judge.
        plan: of the rung as it is, for the runs that judge.
        own: of the rung as it is in the search's own setup.
        data: summary of what the trials train on.
        notes: what is to be said before.
    """

    tuning: Tuning
    planner: Planner
    plan: Plan
    own: Plan
    data: dict[str, Any]
    notes: tuple[str, ...]

    @property
    def of_trials(self) -> Planner:
        """The planner with the options of trials."""
        return _planner_of_trials(self.planner)

    def seconds_of_run(self) -> float:
        """Returns how long a run of the rung is expected to take in the search."""
        plan = self.own
        if not plan.missing:
            plan = replace(plan, statuses=dict.fromkeys(plan.jobs))
        return expected_seconds(self.planner, plan, 1)


def run_tuning(
    tuning: Tuning,
    out: Path,
    options: RunOptions | None = None,
    *,
    approve: Callable[[int | None], None] | None = None,
) -> LadderResult:
    """Searches, judges what was found, and writes the report in the folder `out`.

    A search that is there already, of the same rung, space, sampler, seed and data, goes on.

    Args:
        tuning: what is searched.
        out: folder; the search's trials are kept in `searches` there.
        options: where and how runs are trained.
        approve: called with the number of trials before anything is trained; what it raises ends
            it.

    Raises:
        DataError: for what is wrong with the data, before any training starts.
        LadderError: for a space that the data do not allow, no time for a single run, a folder
            that cannot be used, or a search in which no trial came to its end.
    """
    options = options or RunOptions()
    console = Console(quiet=True) if options.quiet else screen()
    check_folder(out)
    make_folder(out)
    if options.fresh:
        check_nobody_trains(out)
        check_start_stays(tuning.judged_study(None, {}), out)
    with _prepared(tuning, out, options, console, move=True) as prepared:
        if prepared.tuning.minutes is not None:
            check_time(prepared.tuning, prepared.seconds_of_run())
        if approve:
            approve(prepared.tuning.most_trials)
        with _held(out / SEARCHES / tuning.file):
            return _Session(prepared, out, options, console).carry_out()


def estimate_tuning(tuning: Tuning, out: Path, options: RunOptions | None = None) -> TuningEstimate:
    """Returns what `run_tuning` would do, and how long it would take on this machine.

    Raises:
        DataError: for what is wrong with the data.
        LadderError: as `run_tuning` says.
    """
    options = options or RunOptions()
    check_folder(out)
    with _prepared(tuning, out, options, Console(quiet=True)) as prepared:
        tuning = prepared.tuning
        seconds = prepared.seconds_of_run()
        check_time(tuning, seconds)
        workers = _workers(tuning, options, prepared.plan)
        judging = 2 * len(tuning.ladder.seeds)
        by_trials = None if tuning.most_trials is None else tuning.most_trials * seconds / workers
        by_clock = None if tuning.minutes is None else 60 * tuning.minutes
        searching = min(one for one in (by_trials, by_clock) if one is not None)
        total = searching + judging * seconds / min(workers, judging)
        return TuningEstimate(tuning.most_trials, judging, workers, total, prepared.notes)


class _Session:
    """One command's part of a search."""

    def __init__(
        self, prepared: _Prepared, out: Path, options: RunOptions, console: Console
    ) -> None:
        self._prepared, self._tuning = prepared, prepared.tuning
        self._out, self._options, self._console = out, options, console
        task = self._tuning.rung.blueprint.task
        settings = prepared.planner.settings
        name = self._tuning.definition(
            {"data": prepared.data["fingerprint"], "settings": list(map(str, settings))}
        )
        self._trials = Trials(
            out / SEARCHES / self._tuning.file,
            name,
            self._tuning.space,
            self._tuning.sampler,
            self._tuning.pruner,
            self._tuning.rung.blueprint.epochs,
            Deciding.of({"task": task.facts()}).direction,
            self._tuning.seed,
        )
        self._search: Search | None = None

    def carry_out(self) -> LadderResult:
        lost = self._train_trials()
        best = self._trials.best()
        if best is None and not lost:
            failed = self._details()["trials"][:1]
            why = f" The first: {failed[0]['reason']}" if failed and failed[0]["reason"] else ""
            raise LadderError(f"No trial of {self._tuning.rung.name} came to its end.{why}")
        study = self._judged()
        plan, more_lost = self._train_judges(study)
        with locked(self._out):
            self._write(study, plan)
            report = write_study(self._out, study.file)
            frame = runs_frame(self._out, study.file)
        return LadderResult(self._out, report, frame, lost | more_lost, study.file)

    def _train_trials(self) -> dict[str, str]:
        tuning, planner = self._tuning, self._prepared.of_trials
        workers = _workers(tuning, self._options, self._prepared.plan)
        limit = TimeLimit(tuning.minutes, self._spent(workers), self._expected())
        before = len(self._trials.ended)
        self._say(before, workers)
        self._search = Search(tuning, self._trials, planner, workers, limit, self._note)
        progress = SearchProgress(tuning.most_trials, before, limit.seconds_left)
        display_class = LiveDisplay if self._console.is_terminal else PlainDisplay
        with display_class(self._console, progress) as display:
            return self._search.run(display)

    def _train_judges(self, study: Study) -> tuple[Plan, dict[str, str]]:
        """Trains the arms that judge; the test set is read for the last alone, which won."""
        planner, (*others, winner) = self._prepared.planner, study.arms
        unread = replace(planner, options=replace(planner.options, read_test=False))
        plans = [
            one.plan(replace(study, arms=(replace(arm, against=None),)))
            for one, arm in [*((unread, arm) for arm in others), (planner, winner)]
        ]
        plan = replace(
            plans[-1],
            fingerprints={key: run for one in plans for key, run in one.fingerprints.items()},
            statuses={job: status for one in plans for job, status in one.statuses.items()},
        )
        self._write(study, plan)
        if plan.missing:
            self._console.print(f"{len(plan.missing)} runs judge what was found.", markup=False)
        workers = worker_count(self._options, plan)
        return plan, train_missing(planner.executor, plan, workers, self._console)

    def _judged(self) -> Study:
        details = self._details()
        scored = [one for one in self._trials.ended if one.state.name == "COMPLETE"]
        details["importance"] = importances(self._tuning.space, scored)
        best = self._trials.best()
        values = None if best is None else self._trials.values_of(best)
        if values is not None:
            winner = self._tuning.blueprint(values, self._tuning.rung.name)
            details["own_is_best"] = winner == self._tuning.rung.blueprint
        is_other = values is not None and not details["own_is_best"]
        return self._tuning.judged_study(values if is_other else None, details)

    def _details(self) -> dict[str, Any]:
        folder = self._search.own_folder if self._search else None
        own = score_of(folder)[0] if folder and (folder / "run.json").is_file() else None
        return search_details(self._tuning, self._trials, self._prepared.data, own)

    def _note(self) -> None:
        """Writes down how far the search is, for those who look on or look later."""
        self._write(self._tuning.judged_study(None, self._details()), self._prepared.plan)

    def _write(self, study: Study, plan: Plan) -> None:
        write_study_file(study, self._out, plan, self._options.written_command)

    def _spent(self, workers: int) -> float:
        return sum(one.user_attrs.get(SECONDS, 0.0) for one in self._trials.ended) / workers

    def _expected(self) -> float:
        return 0.0 if self._tuning.minutes is None else self._prepared.seconds_of_run()

    def _say(self, before: int, workers: int) -> None:
        tuning = self._tuning
        most = tuning.most_trials
        number = "Trials" if most is None else f"{most} trials"
        until = "" if tuning.minutes is None else f" within {tuning.minutes:g} minutes"
        self._console.print(
            f"{number} of {tuning.rung.name}{until} over {', '.join(tuning.space.names)}, "
            f"{workers} at a time.",
            markup=False,
        )
        if before:
            self._console.print(f"{before} of them have ended already.", markup=False)


@contextmanager
def _prepared(
    tuning: Tuning, out: Path, options: RunOptions, console: Console, *, move: bool = False
) -> Iterator[_Prepared]:
    """Prepares the data of both splits, and checks rung and space on them."""
    settings = keras_settings(options.backend, options.precision, options.threads)

    def begin(plan: Plan) -> None:
        if not options.fresh:
            check_same_data(out, plan.data)
        for text in plan.data["warnings"]:
            console.print(f"Warning: {text}", markup=False)

    judged = tuning.judged_study(None, {})
    with planned(judged, out, settings, options, move=move, begin=begin) as (planner, plan):
        study = tuning.trial_study(f"{tuning.rung.name},own", {})
        own = _planner_of_trials(planner).plan(study)
        data = planner.data.summary(study.arms[0], tuning.seed)
        fitted, left_out = fitted_to_data(tuning, data)
        notes = (*data["notes"], *left_out, *planner.notes)
        for note in notes:
            console.print(note, markup=False)
        yield _Prepared(fitted, planner, plan, own, data, notes)


def _planner_of_trials(planner: Planner) -> Planner:
    # They keep no model, as who wins is trained anew.
    return replace(planner, options=replace(planner.options, models=False, read_test=False))


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Holds the folder of a search.

    Raises:
        LadderError: if another command is at work in it.
    """
    try:
        with locked(folder, wait=False):
            yield
    except FolderIsHeldError as error:
        raise LadderError(
            f"Another command is at this search, in {folder}. Wait for it, or stop it."
        ) from error


def _workers(tuning: Tuning, options: RunOptions, plan: Plan) -> int:
    return min(options.jobs or plan.room, tuning.most_trials or plan.room)
