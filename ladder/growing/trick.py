"""A trick that is raced: a recipe, or several together."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from ...recipes import RECIPES, Blueprint, NoEffectWarning, Recipe, RecipeError, make_recipe
from ...training.errors import LadderError
from ..rung import applied

TOGETHER = "together"


@dataclass(frozen=True)
class Trick:
    """One or several recipes that enter a race as one.

    Attributes:
        name: such as `dropout`; with settings where the same recipe is there with several;
            `together` for several recipes.
        recipes: what it adds to a model, in this order.
        only_against: the kinds of findings that it may help against, if not those on the recipe's
            card.
    """

    name: str
    recipes: tuple[Recipe, ...]
    only_against: tuple[str, ...] | None = field(default=None, compare=False)

    @property
    def helps_against(self) -> tuple[str, ...]:
        """The kinds of findings that it may help against."""
        return self.recipes[0].helps_against if self.only_against is None else self.only_against

    def on(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the trick in it.

        Raises:
            RecipeError: if it clashes with what is there.
        """
        with warnings.catch_warnings():
            # No warning: a trick that changes nothing is not raced, and nobody asked for it.
            warnings.simplefilter("ignore", NoEffectWarning)
            return applied(self.recipes, blueprint, self.name)

    def to_dict(self) -> dict[str, Any]:
        """Returns the trick as values that JSON can hold."""
        return {"name": self.name, "recipes": [recipe_entry(one) for one in self.recipes]}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Trick:
        """Returns the trick that `to_dict` wrote.

        Raises:
            RecipeError: for a recipe of the user's that can no longer be found.
        """
        return cls(value["name"], tuple(map(_recipe, value["recipes"])))


def together(tricks: Sequence[Trick]) -> Trick:
    """Returns all of these tricks as one."""
    return Trick(TOGETHER, tuple(recipe for trick in tricks for recipe in trick.recipes))


def sorted_out(
    tricks: Iterable[Trick], takes: Callable[[Trick], bool]
) -> tuple[list[Trick], dict[str, str]]:
    """Returns the tricks that a model takes, and, by name, why it cannot take others.

    Args:
        tricks: the tricks, in order.
        takes: called with each trick; says whether the model takes it, or raises an error with the
            reason why it cannot.
    """
    able, refused = [], {}
    for trick in tricks:
        try:
            if takes(trick):
                able.append(trick)
        except (LadderError, RecipeError) as error:
            refused[trick.name] = str(error).removeprefix(f"{trick.name}: ")
    return able, refused


def check_found_again(recipes: Iterable[Recipe]) -> None:
    """Refuses recipes that a growth's record could not name, before any time is spent.

    Raises:
        LadderError: naming the recipe, and what to do.
    """
    for recipe in recipes:
        trick, why = Trick(recipe.name, (recipe,)), ""
        try:
            if Trick.from_dict(json.loads(json.dumps(trick.to_dict()))) == trick:
                continue
            why = "its settings change when they are written and read again."
        except (RecipeError, TypeError, ValueError) as error:
            why = str(error)
        raise LadderError(
            f"The record of a growth says which recipes it has tried, but it cannot name "
            f"{recipe.name}: {why} Define {type(recipe).__qualname__} at the top of a module, with "
            "settings that are text, numbers or lists of them."
        )


def recipe_entry(recipe: Recipe) -> dict[str, Any]:
    """Returns a recipe as a ladder file has it: `use`, and the settings that are not defaults."""
    cls = type(recipe)
    is_ours = RECIPES.get(recipe.name) is cls
    changed = {
        one.name: getattr(recipe, one.name)
        for one in fields(recipe)
        if one.default is MISSING or getattr(recipe, one.name) != one.default
    }
    return {"use": recipe.name if is_ours else f"{cls.__module__}:{cls.__qualname__}", **changed}


def _recipe(entry: Mapping[str, Any]) -> Recipe:
    settings = dict(entry)
    return make_recipe(settings.pop("use"), settings)
