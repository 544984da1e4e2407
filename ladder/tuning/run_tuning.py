"""Carrying out a search: its trials, the runs that judge what it found, and the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from ...runs.deciding import Deciding
from ...runs.lock import locked
from ...training.errors import LadderError
from ..cli.display import display_on
from ..cli.screen import screen
from ..result import LadderResult
from ..studies.plan import Plan
from ..studies.run_options import RunOptions
from ..studies.run_study import train_missing, worker_count
from ..studies.study import Study
from ..studies.study_folder import (
    check_folder,
    check_nobody_trains,
    held_alone,
    make_folder,
    write_study_file,
)
from ..studies.warm_start_checks import check_start_stays
from .importance import importances
from .prepared_search import PreparedSearch, prepared_search, workers_of
from .search import Search, score_of
from .search_checks import check_time
from .search_progress import SearchProgress
from .time_limit import TimeLimit
from .trial_facts import search_details
from .trials import Trials, searches_in
from .tuning import Tuning

SEARCHES = "searches"


def run_tuning(
    tuning: Tuning,
    out: Path,
    options: RunOptions,
    *,
    approve: Callable[[int | None], None] | None = None,
) -> LadderResult:
    """Searches, judges what was found, and writes the report in the folder `out`.

    A search that is in the folder already is continued.

    Args:
        tuning: what is searched.
        out: folder; the search's trials are kept in `searches` there.
        options: where and how runs are trained.
        approve: called with the largest number of trials before anything is trained; it may raise
            an error to stop.

    Raises:
        DataError: if something is wrong with the data, before any training starts.
        LadderError: for a space that the data do not allow, too little time for a single run, a
            folder that cannot be used or holds another search of this name, or if no trial came to
            its end.
    """
    if approve:
        approve(tuning.most_trials)
    console = screen(quiet=options.quiet)
    check_folder(out)
    make_folder(out)
    if options.fresh:
        check_nobody_trains(out)
        check_start_stays(tuning.judged_study(None, {}), out)
    with prepared_search(tuning, out, options, move=True) as prepared:
        for text in prepared.said:
            console.print(text)
        if prepared.tuning.minutes is not None:
            check_time(prepared.tuning, prepared.seconds_of_run)
        folder = out / SEARCHES / tuning.file
        refusal = f"Another command is at this search, in {folder}. Wait for it, or stop it."
        with held_alone(folder, refusal):
            return _Session(prepared, out, options, console).carry_out()


class _Session:
    """One command's work on a search."""

    def __init__(
        self, prepared: PreparedSearch, out: Path, options: RunOptions, console: Console
    ) -> None:
        self._prepared, self._tuning = prepared, prepared.tuning
        self._out, self._options, self._console = out, options, console
        task = self._tuning.rung.blueprint.task
        settings = prepared.planner.settings
        name = self._tuning.definition(
            {"data": prepared.data["fingerprint"], "settings": list(map(str, settings))}
        )
        folder = out / SEARCHES / self._tuning.file
        _check_same_search(folder, name)
        self._trials = Trials(
            folder,
            name,
            self._tuning.space,
            self._tuning.sampler,
            self._tuning.pruner,
            self._tuning.rung.blueprint.epochs,
            Deciding.of({"task": task.facts()}).direction,
            self._tuning.seed,
        )
        self._workers = workers_of(self._tuning, options, prepared.plan)
        self._limit = TimeLimit(
            self._tuning.minutes,
            self._trials.spent,
            self._expected(),
            is_over=self._trials.has_ended_after(self._tuning.minutes),
        )
        self._search = Search(
            self._tuning, self._trials, prepared.of_trials, self._workers, self._limit, self._note
        )

    def carry_out(self) -> LadderResult:
        lost = self._train_trials()
        if lost:
            # The winner may be among the lost runs, and only the winner is to read the test set.
            self._note()
            return self._reported(lost)
        if self._trials.best() is None:
            failed = self._details()["trials"][:1]
            why = f" The first: {failed[0]['reason']}" if failed and failed[0]["reason"] else ""
            raise LadderError(f"No trial of {self._tuning.rung.name} came to its end.{why}")
        study = self._judged()
        plan, lost = self._train_judges(study)
        with locked(self._out):
            self._write(study, plan)
        return self._reported(lost)

    def _reported(self, lost: dict[str, str]) -> LadderResult:
        with locked(self._out):
            return LadderResult.reported(self._out, self._tuning.file, lost)

    def _train_trials(self) -> dict[str, str]:
        tuning, limit = self._tuning, self._limit
        before = len(self._trials.ended)
        self._say(before)
        progress = SearchProgress(tuning.most_trials, before, limit.seconds_left)
        with display_on(self._console, progress) as display:
            lost = self._search.run(display)
        self._trials.spent = limit.spent
        if tuning.minutes is not None and not lost and not limit.leaves_room():
            self._trials.end_after(tuning.minutes)
        return lost

    def _train_judges(self, study: Study) -> tuple[Plan, dict[str, str]]:
        """Trains the arms that judge; only the last arm, the winner, reads the test set."""
        planner, (*others, winner) = self._prepared.planner, study.arms
        unread = planner.with_options(read_test=False)
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
            self._console.print(f"{len(plan.missing)} runs judge what was found.")
        workers = worker_count(self._options, plan)
        return plan, train_missing(planner.executor, plan, workers, self._console)

    def _judged(self) -> Study:
        details = self._details()
        details["importance"] = importances(self._tuning.space, self._trials.scored)
        best = self._trials.best()
        values = None if best is None else self._trials.values_of(best)
        if values is not None:
            winner = self._tuning.blueprint(values, self._tuning.rung.name)
            details["own_is_best"] = winner == self._tuning.rung.blueprint
        is_other = values is not None and not details["own_is_best"]
        return self._tuning.judged_study(values if is_other else None, details)

    def _details(self) -> dict[str, Any]:
        folder = self._search.own_folder
        own = score_of(folder)[0] if folder and (folder / "run.json").is_file() else None
        prepared = self._prepared
        return search_details(
            self._tuning, self._trials, prepared.data, own, is_on_unused=prepared.is_on_unused
        )

    def _note(self) -> None:
        """Records how far the search is, for those who watch it or look at it later."""
        self._trials.spent = self._limit.spent
        self._write(self._tuning.judged_study(None, self._details()), self._prepared.plan)

    def _write(self, study: Study, plan: Plan) -> None:
        # The runs that judge may have only a part of the ladder's validation set.
        judging = {**self._prepared.judging, "warnings": plan.data["warnings"]}
        judged = replace(plan, data=judging)
        write_study_file(study, self._out, judged, self._options.written_command)

    def _expected(self) -> float:
        return 0.0 if self._tuning.minutes is None else self._prepared.seconds_of_run

    def _say(self, before: int) -> None:
        tuning = self._tuning
        most = tuning.most_trials
        number = "Trials" if most is None else f"{most} trials"
        until = "" if tuning.minutes is None else f" within {tuning.minutes:g} minutes"
        self._console.print(
            f"{number} of {tuning.rung.name}{until} over {', '.join(tuning.space.names)}, "
            f"{self._workers} at a time.",
        )
        if before:
            self._console.print(f"{before} of them have ended already.")


def _check_same_search(folder: Path, name: str) -> None:
    """Refuses to replace the report of another search, whose winner the test set has judged.

    Raises:
        LadderError: if the folder holds another search.
    """
    there = searches_in(folder)
    if there and name not in there:
        raise LadderError(
            f"{folder} holds a search of other examples, or with another space, budget, baseline, "
            "backend or precision; the command that began it continues it. Give this one's space "
            "(--space) a file of another name, or another folder as out (--out), or move the old "
            "one aside with fresh (--fresh)."
        )
