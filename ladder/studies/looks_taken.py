"""Adding seeds to a study until its comparisons are decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...argument_checks import is_whole
from ...reports.analysis.judgements import compared_pairs, open_pairs
from ...reports.read.run_set import read_run_set
from ...reports.statistics.looks import looks
from ...reports.wording import count_text
from ...runs.run_folder import read_runs
from ...training.cost import wall_time
from ...training.errors import LadderError
from .plan import Plan
from .study import Study
from .study_folder import told_before

MOST_SEEDS_LOOKED_AT = 20


def in_looks(study: Study, most_seeds: int, most_minutes: float | None = None) -> Study:
    """Returns the study as it begins, with the seeds of its first look.

    Args:
        study: the study that is to gain seeds. Its own seeds are ignored: looks take seeds 0, 1, 2
            and so on.
        most_seeds: the largest number of seeds for a comparison, 2 or more.
        most_minutes: wall time that the looks may take together; None is no limit. The first look
            is taken in any case.

    Raises:
        LadderError: for fewer than 2 seeds, minutes that are not above 0, or a study that compares
            nothing.
    """
    if not is_whole(most_seeds, 2):
        raise LadderError(
            f"max_seeds (--max-seeds) must be a whole number from 2. Received: {most_seeds!r}"
        )
    if most_minutes is not None and not most_minutes > 0:
        raise LadderError(
            f"max_minutes (--max-minutes) must be above 0. Received: {most_minutes!r}"
        )
    if all(arm.against is None for arm in study.arms):
        raise LadderError(f"{study.name} compares nothing, so there is nothing to decide.")
    numbers = looks(most_seeds)
    return replace(
        study,
        seeds=tuple(range(numbers[0])),
        looks=numbers,
        most_seeds=most_seeds,
        minutes=most_minutes,
    )


def as_it_ended(study: Study, out: Path, plan: Plan) -> tuple[Study, int]:
    """Returns the study with the looks that the clock left it when it was carried out before.

    If the minutes, the largest number of seeds or the runs differ from those of before, all looks
    are planned anew.

    Args:
        study: the study as it begins.
        out: its folder.
        plan: the plan of its first look.

    Returns:
        The study, and the number of seeds that it had reached; 0 if it was not carried out before.
    """
    before = told_before(study, out)
    kept = tuple(before.get("looks") or ())
    asked = (before.get("max_seeds"), before.get("minutes"))
    is_the_same = asked == (study.most_seeds, study.minutes) and _has_the_same_runs(before, plan)
    if not kept or not is_the_same:
        return study, 0
    seeds = max(len(rung["fingerprints"]) for rung in before["rungs"])
    return replace(study, looks=kept), seeds


def _has_the_same_runs(before: dict[str, Any], plan: Plan) -> bool:
    """Whether a study's file has exactly the runs of the first look for the seeds of that look."""
    first = {(str(seed), key) for (_, seed), key in plan.fingerprints.items()}
    seeds = {seed for seed, _ in first}
    there = {
        (seed, key)
        for rung in before.get("rungs") or ()
        for seed, key in rung.get("fingerprints", {}).items()
        if seed in seeds
    }
    return there == first


def next_look(study: Study, out: Path) -> Study | None:
    """Returns the study with more seeds for the arms that are undecided; None if there are none.

    Args:
        study: the study with the seeds of the looks that were taken.
        out: the folder with its file and its runs.
    """
    run_set = read_run_set(out, study.file)
    undecided = open_pairs(run_set, compared_pairs(run_set), study.looks)
    names = {rung.name for pair in undecided for rung in pair}
    taken = {len(study.seeds_of(arm)) for arm in study.arms if arm.name in names}
    # An arm that several comparisons share has the seeds of the one that went furthest.
    more = [number for number in study.looks if taken and number > min(taken)]
    if not more:
        return None
    seeds = tuple(range(more[0]))
    arms = [
        replace(arm, seeds=max(seeds, study.seeds_of(arm), key=len)) if arm.name in names else arm
        for arm in study.arms
    ]
    return replace(study, arms=tuple(arms))


def look_text(study: Study, before: Study | None, plan: Plan) -> str:
    """Returns a sentence on what the next look has to train."""
    most = max(len(study.seeds_of(arm)) for arm in study.arms)
    number = study.looks.index(most) + 1
    begun = f"Look {number} of at most {len(study.looks)}, at {most} seeds: "
    new = f"{count_text(len(plan.missing), 'run')} to train."
    if before is None:
        whole = len(study.arms) * study.looks[-1]
        return f"{begun}{new} At most {count_text(whole, 'run')} in all, if nothing is decided."
    growing = [arm for arm in study.arms if arm not in before.arms]
    return f"{begun}{count_text(len(growing), 'arm')} of {len(study.arms)} gain seeds, {new}"


def out_of_time_text(study: Study) -> str:
    """Returns a sentence which says that further looks would take too long."""
    return (
        f"More than {count_text(study.looks[-1], 'seed')} would take longer than "
        f"{study.minutes:g} minutes: that look is the last."
    )


@dataclass
class Clock:
    """Decides which looks a study has time for, from how long its runs took.

    It does not know how the runs ended or what was decided, and it assumes that every look is taken
    at all arms. The looks that it leaves are therefore as good as fixed beforehand, and the last of
    them may spend all of the error that is left (Lan and DeMets, Biometrika 70, 1983).

    Attributes:
        seeds_before: the number of seeds that an earlier command had reached. Up to there the
            clock has been asked already and is not asked again: with fewer workers than then, a
            finished study would lose looks.
    """

    seeds_before: int = 0
    _seconds: float = 0.0
    _cost: float = 0.0
    _learnt: set[str] = field(default_factory=set)

    def learn(self, plan: Plan, seconds: float, out: Path, workers: int) -> None:
        """Takes into account how long a look took.

        If some of its runs were there before, the time is worked out from the recorded times of
        those that are done. The time of the missing ones alone would mislead: the few runs that a
        stopped command has left cannot keep all workers busy.

        Args:
            plan: the plan of the look, made before it was taken.
            seconds: wall time in which the plan's missing runs were trained.
            out: the study's folder.
            workers: how many runs train at a time.
        """
        new = [job for job in plan.jobs if job.fingerprint not in self._learnt]
        self._learnt |= {job.fingerprint for job in new}
        if len(plan.missing) < len(new):
            took = _recorded_seconds(out)
            new = [job for job in new if job.fingerprint in took]
            seconds = wall_time([took[job.fingerprint] for job in new], workers) if new else 0.0
        self._cost += sum(map(plan.cost, new))
        self._seconds += seconds

    def within(self, study: Study, plan: Plan) -> Study:
        """Returns the study without the further looks for which its minutes do not suffice.

        Args:
            study: the study with the seeds of the looks that were taken.
            plan: the plan of the last of these looks, made before it was taken.
        """
        taken = max(len(study.seeds_of(arm)) for arm in study.arms)
        was_last = taken == self.seeds_before and not plan.missing
        if study.minutes is None or not self._cost or taken < self.seeds_before or was_last:
            return study
        cost_of = {job.fingerprint: plan.cost(job) for job in plan.jobs}
        first = {plan.fingerprints[arm.name, study.seeds_of(arm)[0]] for arm in study.arms}
        seconds_a_seed = sum(cost_of[one] for one in first) * self._seconds / self._cost
        kept = [
            number
            for number in study.looks
            if number <= taken or number * seconds_a_seed <= 60 * study.minutes
        ]
        return replace(study, looks=tuple(kept))


def _recorded_seconds(out: Path) -> dict[str, float]:
    """Returns the recorded seconds of the folder's runs that are done, by fingerprint."""
    told = {
        run.fingerprint: run.metrics.get("seconds")
        for run in read_runs(out / "runs")
        if run.status == "done" and run.fingerprint
    }
    return {key: float(took) for key, took in told.items() if isinstance(took, int | float)}
