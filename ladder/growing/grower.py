"""The loop of a growth: train, read, race, decide."""

from __future__ import annotations

from dataclasses import replace

from ...recipes import RecipeError
from ...reports.analysis.races import race_set
from ...reports.diagnosis.ladder_findings import read_rungs
from ...reports.pages.grow_words import ENDS, called_text, decided_text
from ...reports.read.run_set import Rung, RunSet
from ...training.errors import LadderError
from .book import honoured, tricks_for
from .call import Call, next_call
from .growth import BASELINE, Growth, Race, race_entry
from .next_look import next_look
from .race_decision import decision
from .race_maker import make_race
from .time_budget import TimeBudget, entered
from .trick import Trick
from .workbench import RunsLostError, Workbench


class Grower:
    """Grows a ladder; what it does next depends on its record and on the finished runs alone.

    Args:
        bench: where it trains, writes and reads.
        growth: what was done before.
    """

    def __init__(self, bench: Workbench, growth: Growth) -> None:
        self.growth = growth
        self._bench, self._aim = bench, bench.aim
        self._budget = TimeBudget(bench, growth.spent)

    def run(self) -> dict[str, str]:
        """Grows until nothing more is decided or the time is over, and reads the test set.

        Returns:
            The runs whose process died, which end it; the same command goes on.

        Raises:
            LadderError: for a baseline of which a run failed.
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
        """Begins the next race, or ends the growth with the reason why there is none."""
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
        self.growth = entered(self.growth, race, self._aim.looks[0])
        self._write()
        self._bench.say(called_text(self._bench.run_set(), len(self.growth.races) - 1))
        return race

    def _end(self, reason: str) -> None:
        self.growth = replace(self.growth, end=reason)
        self._write()
        self._bench.say(ENDS[reason])

    def _call(self, run_set: RunSet, pick: Rung) -> Call | None:
        """What the curves of the model that it has come to call for."""
        findings = read_rungs(replace(run_set, rungs=(pick,)))[pick.name]
        blueprint = self._aim.blueprints(self.growth)[pick.name]
        held = self.growth.recipes()
        tricks = tricks_for(self._aim.spec, self._bench.data, blueprint, held)
        fitting = [one for one in honoured(tricks, blueprint.base) if self._fits(one)]
        return next_call(self.growth, findings, fitting, blueprint)

    def _fits(self, trick: Trick) -> bool:
        """Whether the trick is for this task and these data: images are no rows of a table."""
        try:
            self._bench.fits_data(trick.on(self._aim.bare))
        except (LadderError, RecipeError):
            return False
        return True

    def _carry_out(self, race: Race) -> None:
        """Trains look by look until the race is decided, and writes what it comes to."""
        outcome = None
        while outcome is None:
            self._train()
            raced = race_set(self._bench.run_set(), race_entry(race))
            taken = max((self.growth.seeds[one.arm] for one in race.entrants), default=0)
            outcome = decision(race, raced, taken)
            if outcome is not None:
                continue
            grown = next_look(self.growth, race, raced, taken, self._budget)
            if grown is None:
                outcome = decision(race, raced, taken, in_time=False)
            else:
                self.growth = grown
                self._write()
        outcome = replace(outcome, spent=round(self._budget.spent(), 1))
        self.growth = self.growth.with_race(replace(race, outcome=outcome))
        self._write()
        self._bench.say(decided_text(self._bench.run_set(), len(self.growth.races) - 1))

    def _read_test(self) -> None:
        """Trains the baseline and the grown model with new seeds, and measures them on the test."""
        if not self.growth.last_seeds:
            first, left = self._aim.looks[0], self._budget.left()
            fitting = [
                look
                for look in self._aim.looks
                if self._budget.last_seconds(self.growth, look) <= left
            ]
            number = max([first, *fitting])
            self.growth = replace(self.growth, last_seeds=self._aim.last_seeds(number))
        self._write()
        self._bench.train(self._aim.last_study(self.growth), is_last=True)

    def _train(self) -> None:
        self._write()
        # Without the last runs, which alone read the test set and keep models.
        seconds = self._bench.train(self._aim.study(replace(self.growth, last_seeds=())))
        self.growth = replace(self.growth, trained=self.growth.trained + seconds)
        self._write()

    def _write(self) -> None:
        self.growth = replace(self.growth, spent=self._budget.spent())
        self._bench.write(self.growth)
