"""A sweep: a rung with other values of one or several of its settings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ...recipes import RecipeError
from ...reports.analysis.sweep_points import best_of_rungs
from ...reports.read.run_set import RunSet
from ...training.errors import LadderError
from ..rung import Rung
from .axis import Axis, read_axis
from .effect_checks import check_effect
from .file_names import file_name
from .rung_settings import find_setting, with_values
from .study import Arm, Study

Values = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class SweptRung:
    """A rung, and what is varied in it.

    Attributes:
        rung: the rung.
        axes: the settings that are varied, each with its values.
        points: the settings' values in each arm.
    """

    rung: Rung
    axes: tuple[Axis, ...]
    points: tuple[Values, ...]

    def zoomed(self, best: Mapping[str, Any] | None, draws: int | None) -> SweptRung:
        """Returns it with more points around the best one, if there is a best one."""
        if best is None:
            return self
        near = [_near(axis, best[axis.name], draws is None) for axis in self.axes]
        new = _points(near, draws, seed=1)
        return replace(self, points=tuple(dict.fromkeys([*self.points, *new])))


@dataclass(frozen=True)
class Sweep:
    """What is varied, on which rungs.

    Attributes:
        ladder: the ladder's study.
        swept: the rungs, in all of which the same settings are varied.
        draws: how many points are drawn at random for each rung; None for a grid.
    """

    ladder: Study
    swept: tuple[SweptRung, ...]
    draws: int | None = None

    @property
    def file(self) -> str:
        """Name of its study's file, from the rungs and the settings that are varied."""
        rungs = "+".join(one.rung.name for one in self.swept)
        varied = "+".join(axis.name for axis in self.swept[0].axes)
        return file_name(f"sweep-{rungs}-{varied}")

    def study(self) -> Study:
        """Returns the study: an arm for each point.

        Raises:
            RecipeError: for a value that a setting cannot have.
        """
        arms: list[Arm] = []
        points: list[dict[str, Any]] = []
        for rung, values in ((one.rung, values) for one in self.swept for values in one.points):
            name = f"{rung.name},{','.join(f'{key}={value}' for key, value in values)}"
            blueprint = with_values(rung.baseline, rung.steps, dict(values), name)
            points.append({"arm": len(arms), "rung": rung.name, "values": dict(values)})
            arms.append(Arm(name, blueprint, changed=blueprint.difference(rung.blueprint)))
        details = {"axes": self._axes_facts(), "points": points, "draws": self.draws}
        return replace(self.ladder, arms=tuple(arms), kind="sweep", file=self.file, details=details)

    def zoomed(self, run_set: RunSet) -> Sweep:
        """Returns the sweep with a second round of points around each rung's best one.

        In a grid a range gets as many values again, between the neighbours of the best value.
        Random points are drawn again, within half of each range. Lists of values stay as they are.

        Args:
            run_set: the trained runs of the first round.
        """
        best = best_of_rungs(run_set)
        swept = (one.zoomed(best.get(one.rung.name), self.draws) for one in self.swept)
        return replace(self, swept=tuple(swept))

    def most_zoomed(self) -> int:
        """Returns the largest number of arms that a second round can add."""
        if self.draws is not None:
            return self.draws * len(self.swept)
        return sum(_most_near(one.axes) for one in self.swept)

    def _axes_facts(self) -> list[dict[str, Any]]:
        """Returns what the report needs of the axes, with each rung's own value."""
        facts = []
        for axes in zip(*(one.axes for one in self.swept), strict=True):
            axis, rule = axes[0], axes[0].setting.rule
            own = zip(self.swept, axes, strict=True)
            facts.append(
                {
                    "name": axis.name,
                    "log": axis.is_log,
                    "low": None if rule is None or rule.without_low else rule.low,
                    "high": None if rule is None or rule.without_high else rule.high,
                    "own": {one.rung.name: its.setting.value for one, its in own},
                }
            )
        return facts


def make_sweep(
    ladder: Study, rungs: Sequence[Rung], over: Mapping[str, Any], random: int | None = None
) -> Sweep:
    """Returns the sweep of some rungs of a ladder.

    Args:
        ladder: the ladder's study.
        rungs: the rungs to sweep.
        over: values by the name of the setting, as `read_axis` takes them; if there are several
            settings, every combination of values is an arm.
        random: how many combinations to draw at random, in place of all of them.

    Raises:
        LadderError: for a setting that a rung does not have or that does nothing there, or for
            invalid values.
    """
    if not over or not rungs:
        raise LadderError("A sweep needs a rung and a setting, such as dropout.rate=0.1:0.7:7.")
    if random is not None and random < 1:
        raise LadderError(f"random must be 1 or above. Received: random={random!r}")
    swept = []
    for rung in rungs:
        axes = tuple(read_axis(find_setting(name, rung), values) for name, values in over.items())
        for axis in axes:
            # A value that is refused here may be valid together with those of other settings.
            with suppress(RecipeError):
                check_effect(axis.name, axis.values, rung)
        swept.append(SweptRung(rung, axes, tuple(_points(axes, random, seed=0))))
    return Sweep(ladder, tuple(swept), random)


def _points(axes: Sequence[Axis], draws: int | None, seed: int) -> list[Values]:
    names = [axis.name for axis in axes]
    if draws is None:
        combinations = list(product(*(axis.values for axis in axes)))
    else:
        # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
        random = np.random.RandomState(seed)
        combinations = [tuple(axis.drawn(random) for axis in axes) for _ in range(draws)]
    found = [tuple(zip(names, values, strict=True)) for values in combinations]
    return list(dict.fromkeys(found))


def _most_near(axes: Sequence[Axis]) -> int:
    # Each range gets as many values again, between two values that the first round has already.
    every = math.prod(axis.count + 2 if axis.is_range else len(axis.values) for axis in axes)
    return every - math.prod(2 if axis.is_range else len(axis.values) for axis in axes)


def _near(axis: Axis, best: Any, is_grid: bool) -> Axis:
    if not axis.is_range:
        return axis
    if is_grid:
        place = axis.values.index(best)
        low, high = axis.values[max(0, place - 1)], axis.values[place + 1 : place + 2] or (best,)
        return replace(axis, values=axis.between(low, high[0], axis.count + 2))
    first, last = axis.values[0], axis.values[-1]
    if axis.is_log:
        half = (last / first) ** 0.25
        ends = max(first, best / half), min(last, best * half)
    else:
        half = (last - first) / 4
        ends = max(first, best - half), min(last, best + half)
    return replace(axis, values=axis.between(*ends, axis.count))
