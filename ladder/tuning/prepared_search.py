"""A search on prepared data: its setup, checked before anything is trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..studies.plan import Plan, Planner, planned
from ..studies.run_options import RunOptions
from ..studies.run_study import expected_seconds
from ..studies.study_folder import check_same_data
from .search_checks import fitted_to_data
from .tuning import Tuning


@dataclass(frozen=True)
class PreparedSearch:
    """A search on prepared data, checked.

    Attributes:
        tuning: what is searched, with a space that the data allow.
        planner: the planner for the runs that judge.
        of_trials: the planner for the trials.
        plan: the plan of the unchanged rung, for the runs that judge.
        own: the plan of the unchanged rung in the search's own setup.
        data: summary of the data that the trials train on.
        judging: summary of the data that the runs that judge train on.
        said: what to tell the user before it begins: first the warnings about the data.
    """

    tuning: Tuning
    planner: Planner
    of_trials: Planner
    plan: Plan
    own: Plan
    data: dict[str, Any]
    judging: dict[str, Any]
    said: tuple[str, ...]

    @property
    def is_on_unused(self) -> bool:
        """Whether trials are scored on examples that would otherwise be unused."""
        return bool(self.data["train"] == self.judging["train"])

    @cached_property
    def seconds_of_run(self) -> float:
        """Expected seconds of a run of the rung in the search, from a step that is timed once."""
        plan = self.own
        if not plan.missing:
            plan = replace(plan, statuses=dict.fromkeys(plan.jobs))
        return expected_seconds(self.planner, plan, 1)


@contextmanager
def prepared_search(
    tuning: Tuning, out: Path, options: RunOptions, *, move: bool = False
) -> Iterator[PreparedSearch]:
    """Prepares the data of trials and of runs that judge, and checks rung and space on them."""

    def begin(plan: Plan) -> None:
        if not options.fresh:
            check_same_data(out, plan.data)

    judged = tuning.judged_study(None, {})
    with planned(judged, out, options, move=move, begin=begin) as (planner, plan):
        study = tuning.trial_study(f"{tuning.rung.name},own", {})
        # Trials keep no models, as the winner is trained anew.
        of_trials = planner.with_options(models=False, read_test=False)
        own = of_trials.plan(study)
        data = planner.data.summary(study.arms[0], tuning.seed)
        judging = planner.data.summary(judged.arms[0], judged.seeds[0])
        fitted, left_out = fitted_to_data(tuning, data)
        warnings = dict.fromkeys((*plan.data["warnings"], *own.data["warnings"]))
        doubts = (f"Warning: {warning}" for warning in warnings)
        said = (*doubts, *data["notes"], *left_out, *planner.notes)
        yield PreparedSearch(fitted, planner, of_trials, plan, own, data, judging, said)


def workers_of(tuning: Tuning, options: RunOptions, plan: Plan) -> int:
    """Returns how many trials are trained at a time."""
    most = options.jobs or plan.room
    return most if tuning.most_trials is None else min(most, tuning.most_trials)
