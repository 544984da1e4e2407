"""The study of tricks by level, each of them alone on the same baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from ...recipes import Recipe, RecipeError, nearest
from ...recipes.recipe import LEVELS
from ...training.errors import LadderError
from ..rung import Step, applied
from .file_names import file_name
from .study import Arm, Study


def levels_study(ladder: Study, steps: Sequence[Step], only: Sequence[str] = ()) -> Study:
    """Returns the study of each step alone on the ladder's baseline, by the level of its trick.

    Deck L1 sorts what makes networks better into four levels: data, architecture, training and
    other.

    Args:
        ladder: the ladder's study, whose first arm is the baseline; the new study has its data and
            seeds.
        steps: the steps to try alone; a step of several recipes has the level of its first.
        only: recipes, or names of steps, to which the study is limited; empty for all. A limited
            study has its own file, and its own verdicts.

    Raises:
        LadderError: if there is no step, if the baseline takes none of them, or for a name in
            `only` that no step has.
    """
    if not steps:
        raise LadderError("There is no trick to put on the baseline: the ladder has no rung.")
    baseline = ladder.arms[0]
    arms, tricks, refused = [baseline], [], []
    chosen = _chosen(steps, only)
    for level in LEVELS:
        for name, step in chosen.items():
            if step.recipes[0].level != level:
                continue
            try:
                blueprint = applied(step.recipes, baseline.blueprint, name)
            except RecipeError as error:
                refused.append(str(error))
                continue
            changed = blueprint.difference(baseline.blueprint)
            uses = tuple(recipe.name for recipe in step.recipes)
            tricks.append({"arm": len(arms), "name": name, "level": level})
            arms.append(Arm(f"alone-{name}", blueprint, uses, baseline.name, changed))
    if not tricks:
        raise LadderError(f"The baseline takes none of the tricks: {'; '.join(refused)}")
    details = {"tricks": tricks, "refused": refused}
    file = file_name("-".join(["levels", *only]))
    return replace(ladder, arms=tuple(arms), kind="levels", file=file, details=details)


def _chosen(steps: Sequence[Step], only: Sequence[str]) -> dict[str, Step]:
    """Returns the chosen steps by name; the names are those that tell all steps apart."""
    named = dict(zip(step_names(steps), steps, strict=True))
    known = {name: {name, *(one.name for one in step.recipes)} for name, step in named.items()}
    for name in only:
        if not any(name in names for names in known.values()):
            every = list(dict.fromkeys(one for names in known.values() for one in sorted(names)))
            raise LadderError(
                f"There is no trick {name!r} (--only) in the ladder.{nearest(name, every)} "
                f"Known: {', '.join(named)}."
            )
    return {name: step for name, step in named.items() if not only or known[name] & set(only)}


def step_names(steps: Sequence[Step]) -> list[str]:
    """Returns a different name for each step.

    A recipe that several steps use is named with just enough settings to tell it apart from the
    others: `activation,kind=elu`.
    """
    uses: dict[str, list[Recipe]] = {}
    for step in steps:
        for recipe in step.recipes:
            uses.setdefault(recipe.name, []).append(recipe)
    names: list[str] = []
    for step in steps:
        name = "+".join(_name(recipe, uses[recipe.name]) for recipe in step.recipes)
        same = names.count(name)
        names.append(f"{name}#{same + 1}" if same else name)
    return names


def _name(recipe: Recipe, uses: Sequence[Recipe]) -> str:
    """Returns the recipe's name with the fewest settings that tell it apart from other uses."""
    own, others = recipe.settings(), [use.settings() for use in uses if use != recipe]
    differing = [
        setting for setting in own if any(repr(own[setting]) != repr(o[setting]) for o in others)
    ]
    for count in range(len(differing) + 1):
        for told in combinations(differing, count):
            if not any(all(repr(own[one]) == repr(o[one]) for one in told) for o in others):
                return ",".join([recipe.name, *(f"{one}={own[one]}" for one in told)])
    return recipe.name
