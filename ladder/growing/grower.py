"""The loop of a growth: train, read, race, confirm."""

from __future__ import annotations

from dataclasses import replace

from ...recipes import RecipeError
from ...reports.analysis.races import NO_TIME
from ...reports.diagnosis.ladder_findings import read_rungs
from ...reports.pages.grow_words import ENDS, called_text, decided_text, led_text
from ...reports.read.run_set import Rung, RunSet
from ...training.errors import LadderError
from .book import honoured, tricks_for
from .call import Call, next_call
from .growth import BASELINE, Growth, Outcome, Race
from .race_decision import decision, leaders, without_leader
from .race_maker import looks_in_time, make_race
from .time_budget import TimeBudget, with_heat, with_look
from .trick import Trick
from .workbench import RunsLostError, Workbench


class Grower:
    """Grows a ladder; its decisions depend only on its record, finished runs and the time left.

    Args:
        bench: where it trains, writes and reads.
        growth: what was done before.
    """

    def __init__(self, bench: Workbench, growth: Growth) -> None:
        self.growth = growth
        self._bench, self._aim = bench, bench.aim
        self._budget = TimeBudget(bench, growth.spent)

    def run(self) -> dict[str, str]:
        """Grows until nothing is left to try or the time is over, and then reads the test set.

        Returns:
            The runs whose process died, with the reason. They end the growth; the same command
            continues it.

        Raises:
            LadderError: if a run of the baseline failed.
        """
        if self.growth.last_seeds and not self._bench.lacks(self._aim.last_study(self.growth)):
            return {}
        try:
            self._train_baseline()
            while not self.growth.end:
                race = self.growth.under_way or self._next_race()
                if race is not None:
                    self._carry_out(race)
            self._read_test()
        except RunsLostError as error:
            return error.lost
        finally:
            self._write()
        return {}

    def _train_baseline(self) -> None:
        if not self.growth.seeds:
            begun = self.growth.with_seeds({BASELINE: self._aim.looks[0]})
            self.growth = replace(begun, found=self._bench.finished())
        self._train()
        baseline = self._bench.run_set().rungs[0]
        if baseline.failed and not self.growth.races:
            raise LadderError(
                f"{len(baseline.failed)} of the {len(baseline.runs)} runs of the baseline failed, "
                f"so that nothing can be compared with it: {baseline.failed[0].reason} Give the "
                "ladder a baseline that trains, perhaps at a lower rate, and another folder."
            )
        self._budget.count_runs(self.growth)

    def _next_race(self) -> Race | None:
        """Begins the next race; if there is none, ends the growth and records why."""
        run_set = self._bench.run_set()
        pick = next(rung for rung in run_set.rungs if rung.name == self.growth.pick)
        if pick.failed:
            self._end("failed")
            return None
        call = self._call(run_set, pick)
        race = make_race(call, self.growth, self._bench, self._budget) if call else None
        if race is None:
            self._end("time" if call else "nothing")
            return None
        if race.leader:
            self.growth = with_look(self.growth, race, race.looks[0])
        else:
            self.growth = with_heat(self.growth, race)
        self._write()
        self._bench.say(called_text(self._bench.run_set(), len(self.growth.races) - 1))
        return race

    def _end(self, reason: str) -> None:
        self.growth = replace(self.growth, end=reason)
        self._write()
        self._bench.say(ENDS[reason])

    def _call(self, run_set: RunSet, pick: Rung) -> Call | None:
        """Returns what the curves of the model that the growth has reached call for."""
        findings = read_rungs(replace(run_set, rungs=(pick,)))[pick.name]
        blueprint = self._aim.blueprints(self.growth)[pick.name]
        held = [*self._aim.spec.baseline_recipes, *self.growth.recipes()]
        tricks = tricks_for(self._aim.spec, self._bench.data, blueprint, held)
        fitting = [one for one in honoured(tricks, blueprint.base) if self._fits(one)]
        return next_call(self.growth, findings, fitting, blueprint, self._bench.data)

    def _fits(self, trick: Trick) -> bool:
        """Whether the trick suits the task and the data; some are for images only, for example."""
        try:
            self._bench.fits_data(trick.on(self._aim.bare))
        except (LadderError, RecipeError):
            return False
        return True

    def _carry_out(self, race: Race) -> None:
        """Trains the heat and then the leader, look by look, and writes the race's outcome."""
        outcome = None if race.leader else self._run_heat(race)
        while outcome is None:
            outcome = self._look()
        outcome = replace(outcome, spent=round(self._budget.spent(), 1))
        self.growth = self.growth.with_race(replace(self._race(), outcome=outcome))
        self._write()
        self._bench.say(decided_text(self._bench.run_set(), len(self.growth.races) - 1))

    def _race(self) -> Race:
        race = self.growth.under_way
        assert race is not None
        return race

    def _run_heat(self, race: Race) -> Outcome | None:
        """Trains the heat and fixes the leader and its looks; returns an outcome if it cannot."""
        self._train()
        run_set = self._bench.run_set()
        led = leaders(race, run_set)
        for arm in led:
            chosen = replace(race, leader=arm)
            if looks := looks_in_time(chosen, self.growth, self._aim.looks, self._budget):
                self.growth = with_look(self.growth, replace(chosen, looks=looks), looks[0])
                self._write()
                self._bench.say(led_text(self._bench.run_set(), len(self.growth.races) - 1))
                return None
        return without_leader(race, run_set, NO_TIME) if led else without_leader(race, run_set)

    def _look(self) -> Outcome | None:
        """Trains up to the next look, and returns the race's outcome if the look decides it."""
        self._train()
        race = self._race()
        taken = self.growth.seeds[race.leader] - race.heat
        grown = next(
            (with_look(self.growth, race, look) for look in race.looks if look > taken), None
        )
        # Asked before the figures are read, so that they cannot decide whether this look is last.
        if grown is not None and not self._budget.fits(self.growth, grown):
            grown, race = None, replace(race, looks=race.looks[: race.looks.index(taken) + 1])
            self.growth = self.growth.with_race(race)
            self._write()
        outcome = decision(race, self._bench.run_set(), is_last=grown is None)
        if outcome is None and grown is not None:
            self.growth = grown
        return outcome

    def _read_test(self) -> None:
        """Trains the baseline and the grown model with new seeds, and reads the test set."""
        if not self.growth.last_seeds:
            self.growth = replace(
                self.growth, last_seeds=self._aim.last_seeds(self._number_of_last())
            )
        self._write()
        if self.growth.last_seeds:
            self._bench.train(self._aim.last_study(self.growth), is_last=True)

    def _number_of_last(self) -> int:
        """The number of seeds of the last runs; one or none if nothing was grown."""
        if self.growth.pick == BASELINE:
            return 1 if self._bench.keeps_last else 0
        left = self._budget.left()
        fitting = [
            look for look in self._aim.looks if self._budget.last_seconds(self.growth, look) <= left
        ]
        return max([self._aim.looks[0], *fitting])

    def _train(self) -> None:
        self._write()
        # Without the last runs: only they read the test set and keep models, in `_read_test`.
        seconds = self._bench.train(self._aim.study(replace(self.growth, last_seeds=())))
        self.growth = replace(self.growth, trained=self.growth.trained + seconds)
        self._write()

    def _write(self) -> None:
        self.growth = replace(self.growth, spent=self._budget.spent())
        self._bench.write(self.growth)
