"""The record of a growth: what was raced, what was decided and why, and the time spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ...recipes import Recipe
from ...reports.analysis.races import KEPT
from ..rung import Step
from .trick import Trick

BASELINE = "0-baseline"
# The arms of the last runs, which have new seeds and are the only ones to read the test set.
TEST_BASELINE = "test-baseline"
TEST_GROWN = "test-grown"


@dataclass(frozen=True)
class Entrant:
    """A trick in a race.

    Attributes:
        arm: name of the arm: the model of the race with the trick added.
        trick: the trick.
    """

    arm: str
    trick: Trick


@dataclass(frozen=True)
class Outcome:
    """The outcome of a race.

    Attributes:
        why: how it ended, one of the constants of `trickbook.reports.analysis.races` such as
            `KEPT`.
        set_aside: arms other than a judged leader that were no better than the model in the heat,
            or failed in it.
        spent: seconds that the growth had taken when the race was decided.
    """

    why: str
    set_aside: tuple[str, ...] = ()
    spent: float = 0.0


@dataclass(frozen=True)
class Race:
    """Tricks on one model: a heat, whose leader is then compared with the model with new seeds.

    Attributes:
        against: name of the arm that they are compared with: the model at that time.
        finding: what the model's curves showed that called for them: `kind`, `sentence` and
            `advice`.
        entrants: the tricks that are raced.
        heat: how many seeds each of them has in the heat; 0 for a trick that is raced alone, unless
            it was raced on this model before.
        refused: by a trick's name, why it cannot be tried on this model.
        left_out: names of other tricks that the finding calls for, which had to wait.
        rivals: how many tricks have been raced on the model, in this race and before it.
        model_seeds: how many seeds the model had when the race began; entrants of the heat are
            compared with the mean over these. None in older records.
        leader: name of the arm that led, or was alone; empty before it is known.
        looks: the numbers of new seeds at which the leader is looked at, fixed when it led; only
            the clock may remove the last ones.
        outcome: None until the race is decided.
    """

    against: str
    finding: Mapping[str, str]
    entrants: tuple[Entrant, ...]
    heat: int
    refused: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    rivals: int = 1
    model_seeds: int | None = None
    leader: str = ""
    looks: tuple[int, ...] = ()
    outcome: Outcome | None = None

    @property
    def kept(self) -> str | None:
        """The arm that the ladder continues with, or None."""
        return self.leader if self.outcome and self.outcome.why == KEPT else None

    @property
    def hopefuls(self) -> list[str]:
        """Names of the arms that the ladder may continue with."""
        return [self.leader] if self.leader else [one.arm for one in self.entrants]


@dataclass(frozen=True)
class Growth:
    """Everything that was done so far.

    Attributes:
        races: the races in order; the last may be under way.
        seeds: by an arm's name, how many seeds it has so far.
        end: why no more tricks are raced; empty while the growth goes on.
        last_seeds: the seeds of the last runs, which read the test set; empty before.
        spent: seconds of wall time that the growth has taken.
        trained: seconds of that time in which runs were trained.
        found: fingerprints of the runs that were done before it began, which took none of its time.
    """

    races: tuple[Race, ...] = ()
    seeds: Mapping[str, int] = field(default_factory=dict)
    end: str = ""
    last_seeds: tuple[int, ...] = ()
    spent: float = 0.0
    trained: float = 0.0
    found: tuple[str, ...] = ()

    @property
    def pick(self) -> str:
        """Name of the arm that the ladder has reached."""
        kept = [race.kept for race in self.races if race.kept]
        return kept[-1] if kept else BASELINE

    @property
    def under_way(self) -> Race | None:
        """The race that is not decided yet, or None."""
        return next((race for race in self.races if race.outcome is None), None)

    @property
    def entrants(self) -> dict[str, Entrant]:
        """Every trick that was raced, by its arm's name."""
        return {one.arm: one for race in self.races for one in race.entrants}

    def raced_on(self, arm: str) -> list[tuple[Recipe, ...]]:
        """Returns the recipes of every trick that was raced on an arm's model; each once."""
        found: list[tuple[Recipe, ...]] = []
        # A list and not a set: a user's recipe may have settings that cannot be hashed.
        for one in self._raced_on(arm):
            if one.trick.recipes not in found:
                found.append(one.trick.recipes)
        return found

    def over_on(self, arm: str) -> list[tuple[Recipe, ...]]:
        """Returns the recipes of the tricks that are not to be tried on an arm's model again.

        These are leaders, kept or not, and tricks that were no better than the model in a heat. A
        trick that was better than the model, but was not the leader, may be tried again.
        """
        over = {
            name
            for race in self.races
            if race.outcome is not None
            for name in (race.leader, *race.outcome.set_aside)
        }
        return [one.trick.recipes for one in self._raced_on(arm) if one.arm in over]

    def _raced_on(self, arm: str) -> list[Entrant]:
        return [one for race in self.races if race.against == arm for one in race.entrants]

    def kept(self) -> list[Entrant]:
        """Returns the tricks that were kept, in order."""
        found = self.entrants
        return [found[race.kept] for race in self.races if race.kept]

    def recipes(self) -> list[Recipe]:
        """Returns the recipes that were kept, in order."""
        return [recipe for one in self.kept() for recipe in one.trick.recipes]

    def steps(self) -> tuple[Step, ...]:
        """Returns what each rung of the grown ladder adds."""
        return tuple(Step(one.trick.recipes) for one in self.kept())

    def with_race(self, race: Race) -> Growth:
        """Returns the growth with one more race, or with a new state of the race under way."""
        done = [one for one in self.races if one.outcome is not None]
        return replace(self, races=(*done, race))

    def with_seeds(self, seeds: Mapping[str, int]) -> Growth:
        """Returns the growth with these numbers of seeds for the arms."""
        return replace(self, seeds={**self.seeds, **seeds})

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as values that JSON can hold."""
        return {
            "races": [race_entry(race) for race in self.races],
            "seeds_of_arms": dict(self.seeds),
            "end": self.end,
            "last_seeds": list(self.last_seeds),
            "spent": round(self.spent, 1),
            "trained": round(self.trained, 1),
            "found": list(self.found),
            "pick": self.pick,
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Growth:
        """Returns the growth that `to_dict` wrote.

        Raises:
            KeyError: if the value is not a record.
            RecipeError: for a recipe of the user's that can no longer be found.
        """
        return cls(
            tuple(map(_read_race, value["races"])),
            dict(value["seeds_of_arms"]),
            value["end"],
            tuple(value["last_seeds"]),
            value["spent"],
            value["trained"],
            # Missing in older records.
            tuple(value.get("found", ())),
        )


def race_entry(race: Race) -> dict[str, Any]:
    """Returns a race as values that JSON can hold; reports read it in this form."""
    entry = asdict(replace(race, entrants=()))
    entrants = [{"arm": one.arm, **one.trick.to_dict()} for one in race.entrants]
    return {**entry, "entrants": entrants}


def _read_race(entry: Mapping[str, Any]) -> Race:
    outcome = entry["outcome"]
    entrants = tuple(Entrant(one["arm"], Trick.from_dict(one)) for one in entry["entrants"])
    held = {**entry, "entrants": entrants}
    for name in ("looks", "left_out"):
        held[name] = tuple(entry[name])
    if outcome is not None:
        held["outcome"] = Outcome(**{**outcome, "set_aside": tuple(outcome["set_aside"])})
    return Race(**held)
