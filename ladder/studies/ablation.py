"""The ablation of a ladder: each trick alone on the baseline, and each left out of the stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...recipes import Recipe, RecipeError
from ...training.errors import LadderError
from ..rung import Step, applied
from .study import Arm, Study


@dataclass(frozen=True)
class Use:
    """One use of a trick in a ladder.

    Attributes:
        name: the recipe's name, numbered from the second use on: `wider`, `wider#2`.
        recipe: the recipe with the settings of this use.
        rung: number of the rung that adds it, from 1.
    """

    name: str
    recipe: Recipe
    rung: int

    @property
    def is_first(self) -> bool:
        """Whether this is the first use of its trick, whose name stands for all of its uses."""
        return self.name == self.recipe.name


def uses_of(steps: Iterable[Step]) -> list[Use]:
    """Returns every use of a trick, in the order in which they are applied."""
    seen: Counter[str] = Counter()
    uses = []
    for rung, step in enumerate(steps, 1):
        for recipe in step.recipes:
            seen[recipe.name] += 1
            number = f"#{seen[recipe.name]}" if seen[recipe.name] > 1 else ""
            uses.append(Use(f"{recipe.name}{number}", recipe, rung))
    return uses


def ablation_study(ladder: Study, steps: Sequence[Step]) -> Study:
    """Returns the study of a ladder's rungs, of each trick alone, and of the stack without it.

    The rungs are among its arms, so that a trick's three differences stand side by side; equal
    arms share their runs. Leaving out a trick leaves out all of its uses; leaving out its second
    use, `augmentation#2`, brings the first back.

    Args:
        ladder: the ladder's study.
        steps: what each rung from 1 on adds.

    Raises:
        LadderError: if the ladder is only a baseline.
    """
    if not steps:
        raise LadderError("The ladder has no rung above its baseline, so no trick to take away.")
    baseline, full = ladder.arms[0], ladder.arms[-1]
    uses = uses_of(steps)
    arms, tricks = list(ladder.arms), []
    for use in uses:
        trick: dict[str, Any] = {"name": use.name, "rung": use.rung, "refused": []}
        for kind, kept, against in (
            ("alone", [use], baseline),
            ("without", [other for other in uses if not _goes_with(other, use)], full),
        ):
            name = f"{kind}-{use.name}"
            try:
                recipes = [one.recipe for one in kept]
                blueprint = applied(recipes, baseline.blueprint, name)
            except RecipeError as error:
                trick["refused"].append(str(error))
                continue
            trick[kind] = len(arms)
            changed = blueprint.difference(against.blueprint)
            adds = (use.name,) if kind == "alone" else ()
            arms.append(Arm(name, blueprint, adds, against.name, changed))
        tricks.append(trick)
    details = {"baseline": 0, "full": len(ladder.arms) - 1, "tricks": tricks}
    return replace(ladder, arms=tuple(arms), kind="ablation", file="ablation", details=details)


def _goes_with(other: Use, left_out: Use) -> bool:
    same = other.recipe.name == left_out.recipe.name
    return other is left_out or (left_out.is_first and same)
