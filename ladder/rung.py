"""Rungs: what is trained, each one step more than the one below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from ..recipes import Blueprint, Network, Recipe, RecipeError, compose, nearest
from ..training.errors import LadderError
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
        labels: what the recipes are called in the rung's name.
        baseline: the ladder's baseline, from which the blueprint is made.
        steps: what each rung up to this one adds to the baseline, after the baseline's own tricks,
            if it has any.
    """

    index: int
    recipes: tuple[str, ...]
    blueprint: Blueprint
    changed: str
    reported: float | None
    labels: tuple[str, ...] = ()
    # A user's own recipe may hold values that cannot be hashed.
    baseline: Blueprint = field(default_factory=Blueprint, compare=False, repr=False)
    steps: tuple[Step, ...] = field(default=(), compare=False, repr=False)

    @property
    def name(self) -> str:
        """The rung's name in folders and pictures, such as `07-wider+augmentation`."""
        return f"{self.index:02d}-{'+'.join(self.labels) or 'baseline'}"


def stack(
    baseline: Blueprint,
    steps: Sequence[Step],
    reported: float | None,
    own: Sequence[Recipe] = (),
) -> list[Rung]:
    """Returns the rungs, the baseline first.

    Args:
        baseline: what rung 0 is made from.
        steps: what each further rung adds.
        reported: the accuracy that the source of the ladder gives for rung 0, 0..1, or None.
        own: the tricks that rung 0 has already.

    Warns:
        NoEffectWarning: for a recipe that changes nothing.

    Raises:
        RecipeError: for an unknown base network, a rung without recipes, and a recipe that
            clashes, lacks what it needs or fails, naming the rung.
    """
    check_slots(baseline.base, baseline, baseline, "baseline")
    start = applied(own, baseline, "[baseline]")
    below_all = (Step(tuple(own)),) if own else ()
    changed = start.difference(baseline) if own else ""
    rungs = [Rung(0, (), start, changed, reported, baseline=baseline, steps=below_all)]
    kinds = _networks(steps)
    for index, step in enumerate(steps, 1):
        if not step.recipes:
            raise RecipeError(f"Rung {index} adds no recipe to the one below.")
        below = rungs[-1].blueprint
        blueprint = applied(step.recipes, below, f"Rung {index}")
        names = tuple(recipe.name for recipe in step.recipes)
        labels = tuple(_label(recipe, kinds) for recipe in step.recipes)
        changed = blueprint.difference(below)
        up_to = (*below_all, *steps[:index])
        rungs.append(Rung(index, names, blueprint, changed, step.reported, labels, baseline, up_to))
    return rungs


def _networks(steps: Sequence[Step]) -> set[str]:
    """Returns the kinds of network that the steps bring."""
    used = [recipe for step in steps for recipe in step.recipes]
    return {recipe.kind for recipe in used if isinstance(recipe, Network)}


def _label(recipe: Recipe, networks: Set[str]) -> str:
    """Returns the recipe's name, with its kind where a ladder brings several kinds of network."""
    if isinstance(recipe, Network) and len(networks) > 1:
        return f"{recipe.name}-{recipe.kind}"
    return recipe.name


def applied(recipes: Iterable[Recipe], below: Blueprint, place: str) -> Blueprint:
    """Returns the blueprint with the recipes in it, one after the other.

    Warns:
        NoEffectWarning: for a recipe that changes nothing.

    Raises:
        RecipeError: for one that clashes, lacks what it needs or fails, naming the place.
    """
    for recipe in recipes:
        below = _with(recipe, below, place)
    return below


def _with(recipe: Recipe, below: Blueprint, place: str) -> Blueprint:
    try:
        above = compose(below, [recipe])
        if not isinstance(above, Blueprint):
            raise RecipeError(f"{recipe.name}.apply must return a blueprint. Received: {above!r}")
        # A recipe may bring another network, with settings that no other network has.
        check_slots(above.base, below, above, recipe.name)
    except RecipeError as error:
        raise RecipeError(f"{place}: {error}") from error
    # A user's recipe can fail in any way.
    except Exception as error:
        raise RecipeError(
            f"{place}: the recipe {recipe.name!r} failed with {type(error).__name__}: {error}"
        ) from error
    return above


def find_rung(rungs: Sequence[Rung], text: str) -> Rung:
    """Returns the rung with this number or name, or the only rung that adds this recipe.

    Raises:
        LadderError: if there is none, or more than one.
    """
    found = [rung for rung in rungs if text in rung_names(rung.name, rung.recipes)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(rung.name for rung in found or rungs)
    if found:
        raise LadderError(f"{text!r} is in several rungs: {known}. Give the number of one.")
    every = [name for rung in rungs for name in rung_names(rung.name, rung.recipes)]
    hint = nearest(text, every)
    raise LadderError(f"There is no rung {text!r}.{hint} Known: {known}.")


def rung_names(name: str, recipes: Sequence[str]) -> list[str]:
    """Returns all texts that may stand for a rung: its number, its name, and what it adds.

    Args:
        name: the rung's name, such as `07-wider+augmentation`; a name that does not begin with a
            number, as an arm of another study may have, stands only for itself.
        recipes: names of the recipes that it adds.
    """
    number, _, labels = name.partition("-")
    of_number = [str(int(number)), number, labels] if number.isdecimal() else []
    return [name, *of_number, *recipes]
