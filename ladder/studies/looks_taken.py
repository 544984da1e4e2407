"""Adding seeds to a study until its comparisons are decided."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...argument_checks import is_whole
from ...reports.read.judgements import compared_pairs, open_pairs
from ...reports.read.run_set import read_run_set
from ...reports.statistics.looks import looks
from ...reports.wording import count_text
from ...training.errors import LadderError
from .plan import Plan
from .study import Study

MOST_SEEDS_LOOKED_AT = 20


def in_looks(study: Study, most_seeds: int) -> Study:
    """Returns the study as it begins, with the seeds of its first look.

    Args:
        study: whose arms; its own seeds do not count, for looks take seeds 0, 1, 2 and so on.
        most_seeds: the seeds that a comparison gets at most, 2 or more.

    Raises:
        LadderError: for fewer seeds, or a study that compares nothing.
    """
    if not is_whole(most_seeds, 2):
        raise LadderError(
            f"max_seeds (--max-seeds) must be a whole number from 2. Received: {most_seeds!r}"
        )
    if all(arm.against is None for arm in study.arms):
        raise LadderError(f"{study.name} compares nothing, so that nothing can be decided.")
    numbers = looks(most_seeds)
    return replace(study, seeds=tuple(range(numbers[0])), looks=numbers)


def next_look(study: Study, out: Path) -> Study | None:
    """Returns the study with more seeds for what is undecided in its folder; None if nothing is.

    Args:
        study: with the seeds of the looks that were taken.
        out: the folder, with its file and its runs.
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
    """Returns what the next look takes, in words."""
    most = max(len(study.seeds_of(arm)) for arm in study.arms)
    number = study.looks.index(most) + 1
    begun = f"Look {number} of at most {len(study.looks)}, at {most} seeds: "
    new = f"{count_text(len(plan.missing), 'run')} to train."
    if before is None:
        whole = len(study.arms) * study.looks[-1]
        return f"{begun}{new} At most {count_text(whole, 'run')} in all, if nothing is decided."
    growing = [arm for arm in study.arms if arm not in before.arms]
    return f"{begun}{count_text(len(growing), 'arm')} of {len(study.arms)} gain seeds, {new}"


def out_of_time_text(study: Study, clock: Clock) -> str:
    """Returns that the study's next look is not begun, in words."""
    most = max(len(study.seeds_of(arm)) for arm in study.arms)
    return (
        f"The look at {most} seeds would not end within {clock.most_minutes:g} minutes and is not "
        "begun; the same command goes on with it."
    )


@dataclass
class Clock:
    """Tells whether a look would end in time, from how long those before took.

    Attributes:
        most_minutes: of wall time; None is any.
    """

    most_minutes: float | None
    _began: float = field(default_factory=time.monotonic)
    _seconds: float = 0.0
    _cost: float = 0.0

    def __post_init__(self) -> None:
        if self.most_minutes is not None and not self.most_minutes > 0:
            raise LadderError(
                f"max_minutes (--max-minutes) must be above 0. Received: {self.most_minutes!r}"
            )

    def learn(self, plan: Plan, seconds: float) -> None:
        """Takes into account that the plan's missing runs took so long."""
        self._cost += sum(map(plan.cost, plan.missing))
        self._seconds += seconds

    def allows(self, plan: Plan) -> bool:
        """Whether the plan's missing runs would end in time, as far as is known."""
        if self.most_minutes is None or not plan.missing:
            return True
        per_cost = self._seconds / self._cost if self._cost else 0.0
        expected = per_cost * sum(map(plan.cost, plan.missing))
        return time.monotonic() - self._began + expected <= 60 * self.most_minutes
