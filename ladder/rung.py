"""Rungs: what is trained, each one step more than the one below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..recipes import Blueprint, Recipe, RecipeError, compose
from ..training.networks.base_network import check_slots


@dataclass(frozen=True)
class Step:
    """What one rung adds to the one below.

    Args:
        recipes: the recipes added, applied in this order.
        reported: the accuracy that the source of the ladder gives for the rung, 0..1, or None.
    """

    recipes: tuple[Recipe, ...]
    reported: float | None = None


@dataclass(frozen=True)
class Rung:
    """One rung of a ladder.

    Attributes:
        index: 0 for the baseline, then counted upwards.
        recipes: names of the recipes added to the rung below.
        blueprint: all that decides its training.
        changed: in words, what the blueprint changes against the rung below.
        reported: the accuracy that the source of the ladder gives for it, 0..1, or None.
    """

    index: int
    recipes: tuple[str, ...]
    blueprint: Blueprint
    changed: str
    reported: float | None

    @property
    def name(self) -> str:
        """The rung's name in folders and pictures, as `07-wider+augmentation`."""
        return f"{self.index:02d}-{'+'.join(self.recipes) or 'baseline'}"


def stack(baseline: Blueprint, steps: Sequence[Step], reported: float | None) -> list[Rung]:
    """Returns the rungs, the baseline first.

    Warns:
        NoEffectWarning: for a recipe that leaves its rung as the one below.

    Raises:
        RecipeError: for a base network that is none, a rung without recipes, and a recipe that
            clashes or lacks what it needs, naming the rung.
    """
    check_slots(baseline.base, baseline, baseline, "baseline")
    rungs = [Rung(0, (), baseline, "", reported)]
    for index, step in enumerate(steps, 1):
        if not step.recipes:
            raise RecipeError(f"Rung {index} adds no recipe to the one below.")
        below = rungs[-1].blueprint
        blueprint = below
        for recipe in step.recipes:
            blueprint = _apply(recipe, blueprint, index)
        names = tuple(recipe.name for recipe in step.recipes)
        rungs.append(Rung(index, names, blueprint, blueprint.difference(below), step.reported))
    return rungs


def _apply(recipe: Recipe, below: Blueprint, index: int) -> Blueprint:
    try:
        above = compose(below, [recipe])
        if not isinstance(above, Blueprint):
            raise RecipeError(f"{recipe.name}.apply must return a blueprint. Received: {above!r}")
        check_slots(below.base, below, above, recipe.name)
    except RecipeError as error:
        raise RecipeError(f"Rung {index}: {error}") from error
    # A user's recipe can fail in any way.
    except Exception as error:
        raise RecipeError(
            f"Rung {index}: the recipe {recipe.name!r} failed with {type(error).__name__}: {error}"
        ) from error
    return above
