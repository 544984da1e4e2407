"""What to grow, on which data and within how much time; and the study that results."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ...argument_checks import is_whole
from ...data import Dataset, DataSpec
from ...recipes import Blueprint, Recipe
from ...reports.statistics.looks import looks
from ...training.errors import LadderError
from ..ladder_file import LARGEST_SEED, LadderSpec
from ..studies.study import Arm, Study
from .growth import BASELINE, TEST_BASELINE, TEST_GROWN, Growth
from .trick import check_found_again, recipe_entry

# The settings that make a network large or small.
BASELINE_SIZES = ("filters", "convolutions", "dense", "recurrent_units")
MINUTES = 60.0
MOST_SEEDS = 8
# How many seeds choose a leader; new seeds judge the leader that they have chosen.
HEAT_SEEDS = 1
FILE = "grow"
# The folder that a command keeps locked while it grows a ladder, even while it trains nothing.
HELD = ".growing"


@dataclass(frozen=True)
class Aim:
    """What a growth is asked to do.

    Attributes:
        spec: a ladder; the growth starts from its baseline, and tries its recipes first, with
            their settings there.
        data: which data to train on.
        minutes: wall time that the growth may take.
        most_seeds: the largest number of new seeds for a leader, 2 or more.
        first_seed: the first seed of the races, which use this seed and those after it.

    Raises:
        LadderError: for minutes that are not above 0, invalid numbers of seeds, or a recipe
            that cannot be found by its class's name.
    """

    spec: LadderSpec
    data: DataSpec | Dataset
    minutes: float = MINUTES
    most_seeds: int = MOST_SEEDS
    first_seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.minutes < math.inf:
            raise LadderError(f"minutes (--minutes) must be above 0. Received: {self.minutes!r}")
        if not is_whole(self.most_seeds, 2, 500):
            raise LadderError(
                "max_seeds (--max-seeds) must be a whole number from 2 to 500. "
                f"Received: {self.most_seeds!r}"
            )
        if not is_whole(self.first_seed, 0, LARGEST_SEED - 2 * self.most_seeds - HEAT_SEEDS):
            raise LadderError(
                "first_seed (--first-seed) must be a whole number, 0 or above. "
                f"Received: {self.first_seed!r}"
            )
        check_found_again(self._own_recipes)

    @property
    def looks(self) -> tuple[int, ...]:
        """The numbers of new seeds at which a leader may be looked at."""
        return looks(self.most_seeds)

    def seeds(self, number: int) -> tuple[int, ...]:
        """Returns the first `number` seeds of races."""
        return tuple(range(self.first_seed, self.first_seed + number))

    def last_seeds(self, number: int) -> tuple[int, ...]:
        """Returns `number` seeds that no race uses."""
        first = self.first_seed + HEAT_SEEDS + self.most_seeds
        return tuple(range(first, first + number))

    @cached_property
    def told(self) -> dict[str, Any]:
        """What must stay the same when a growth is continued, as values that JSON can hold."""
        return {
            "minutes": self.minutes,
            "max_seeds": self.most_seeds,
            "first_seed": self.first_seed,
            "margin": self.spec.margin,
            "splits": self.spec.splits,
            "bagging": self.spec.bagging,
            "baseline": self.start.to_dict(),
            "recipes": [recipe_entry(recipe) for recipe in self._own_recipes],
        }

    @cached_property
    def bare(self) -> Blueprint:
        """The baseline's network, task and budget, without what a trick might clash with."""
        own, usual = self.start, Blueprint()
        sizes = ("base", *BASELINE_SIZES, "epochs", "batch_size")
        return replace(
            usual.with_settings(**{name: getattr(own, name) for name in sizes}), task=own.task
        )

    @cached_property
    def start(self) -> Blueprint:
        """The baseline with the tricks that it has from the start."""
        return self.spec.start

    def blueprints(self, growth: Growth) -> dict[str, Blueprint]:
        """Returns the model of every arm of a growth, by the arm's name."""
        found = {BASELINE: self.start}
        for race in growth.races:
            for one in race.entrants:
                found[one.arm] = one.trick.on(found[race.against])
        return found

    def study(self, growth: Growth, details: Mapping[str, Any] | None = None) -> Study:
        """Returns everything that a growth has trained so far, as a study.

        Args:
            growth: the record.
            details: what to add to the study's details.
        """
        arms = [*self._raced(growth), *self.last_arms(growth)]
        return self._study(arms, {**growth.to_dict(), **(details or {}), "aim": self.told})

    def last_study(self, growth: Growth) -> Study:
        """Returns the study of the last runs alone."""
        return self._study(self.last_arms(growth), {})

    def last_arms(self, growth: Growth) -> list[Arm]:
        """Returns the arms of the last runs: the baseline, and the model that has grown from it."""
        if not growth.last_seeds:
            return []
        found, seeds = self.blueprints(growth), growth.last_seeds
        baseline = Arm(TEST_BASELINE, found[BASELINE], seeds=seeds)
        if growth.pick == BASELINE:
            return [baseline]
        grown = found[growth.pick]
        recipes = tuple(recipe.name for recipe in growth.recipes())
        changed = grown.difference(found[BASELINE])
        return [baseline, Arm(TEST_GROWN, grown, recipes, TEST_BASELINE, changed, seeds=seeds)]

    @property
    def _own_recipes(self) -> list[Recipe]:
        """The recipes of the ladder, the baseline's first."""
        steps = (*self.spec.steps, *self.spec.alone)
        of_steps = [recipe for step in steps for recipe in step.recipes]
        return [*self.spec.baseline_recipes, *of_steps]

    def _raced(self, growth: Growth) -> list[Arm]:
        found, seeds = self.blueprints(growth), growth.seeds
        of_baseline = self.seeds(seeds.get(BASELINE, self.looks[0]))
        arms = [Arm(BASELINE, found[BASELINE], seeds=of_baseline)]
        for race in growth.races:
            for one in race.entrants:
                changed = found[one.arm].difference(found[race.against])
                recipes = tuple(recipe.name for recipe in one.trick.recipes)
                held = self.seeds(seeds[one.arm])
                arms.append(
                    Arm(one.arm, found[one.arm], recipes, race.against, changed, seeds=held)
                )
        return arms

    def _study(self, arms: list[Arm], details: Mapping[str, Any]) -> Study:
        return Study(
            self.spec.name,
            tuple(arms),
            self.data,
            self.seeds(self.looks[0]),
            kind="grow",
            file=FILE,
            details=details,
            splits=self.spec.splits,
            bagging=self.spec.bagging,
            margin=self.spec.margin,
        )
