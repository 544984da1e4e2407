"""The time of a growth: what was spent, what is left, and what fits into it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from ...recipes import Blueprint
from .growth import BASELINE, Growth, Race
from .run_times import run_times, summed_seconds
from .workbench import Workbench

# Writing the ladder file and the pages, in seconds.
_PAGES = 15.0


class TimeBudget:
    """What there is time for, judged without knowing how runs ended or what is decided.

    Args:
        bench: trains the runs and reads them.
        spent: seconds that earlier commands spent on the growth.
    """

    def __init__(self, bench: Workbench, spent: float) -> None:
        self._bench, self._aim = bench, bench.aim
        self._before, self._began = spent, time.monotonic()

    def spent(self) -> float:
        """Returns the seconds that the growth has taken."""
        return self._before + self._here()

    def left(self) -> float:
        """Returns the seconds that are left for runs."""
        return 60 * self._aim.minutes - self.spent() - _PAGES

    def count_runs(self, growth: Growth) -> None:
        """Takes into account runs of a command that was killed before it could record its time."""
        seconds = summed_seconds(self._bench.run_set(), growth.found)
        least = seconds / self._bench.workers()
        self._before = max(self._before, least - self._here())

    def fits(self, growth: Growth, grown: Growth) -> bool:
        """Returns whether there is time to train what `grown` has more, and for the last runs."""
        return self._between(growth, grown) + self.last_seconds(grown) <= self.left()

    def part_of_left(self, growth: Growth, grown: Growth) -> float:
        """Returns the part of the time left for races that the additional runs of `grown` take."""
        left = self.left() - self.last_seconds(grown)
        return self._between(growth, grown) / left if left > 0 else float("inf")

    def last_seconds(self, growth: Growth, seeds: int | None = None) -> float:
        """Returns the seconds of the last runs: of the baseline and the costliest possible pick."""
        found, seeds = self._aim.blueprints(growth), seeds or self._aim.looks[0]
        race = growth.under_way
        names = race.hopefuls if race is not None else []
        return max(
            self._expected(growth, dict.fromkeys((found[BASELINE], found[name]), seeds))
            for name in (growth.pick, *names)
        )

    def _between(self, growth: Growth, grown: Growth) -> float:
        """The seconds of the runs that `grown` has in addition; arms of one model share runs."""
        return self._expected(grown, self._runs(grown) - self._runs(growth))

    def _runs(self, growth: Growth) -> Counter[Blueprint]:
        found, runs = self._aim.blueprints(growth), Counter[Blueprint]()
        for arm, number in growth.seeds.items():
            runs[found[arm]] = max(runs[found[arm]], number)
        return runs

    def _expected(self, growth: Growth, runs: Mapping[Blueprint, int]) -> float:
        times = run_times(
            self._bench.run_set(),
            self._aim.blueprints(growth),
            self._bench.cost,
            growth.trained,
            self._bench.workers(),
            growth.found,
        )
        return times.expected(runs)

    def _here(self) -> float:
        return time.monotonic() - self._began


def with_heat(growth: Growth, race: Race) -> Growth:
    """Returns the growth with the race under way and its entrants at the seeds of its heat."""
    return _with_more(growth.with_race(race), {one.arm: race.heat for one in race.entrants})


def with_look(growth: Growth, race: Race, look: int) -> Growth:
    """Returns the growth with the race under way and its leader and model at a look's new seeds.

    Args:
        growth: the record.
        race: the race, which has a leader.
        look: the number of new seeds.
    """
    number = race.heat + look
    return _with_more(growth.with_race(race), dict.fromkeys((race.against, race.leader), number))


def _with_more(growth: Growth, seeds: Mapping[str, int]) -> Growth:
    return growth.with_seeds(
        {arm: max(number, growth.seeds.get(arm, 0)) for arm, number in seeds.items()}
    )
