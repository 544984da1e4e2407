"""Applying one recipe after another."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from .blueprint import Blueprint
from .errors import NoEffectWarning
from .recipe import Recipe


def compose(blueprint: Blueprint, recipes: Iterable[Recipe]) -> Blueprint:
    """Returns the blueprint with the recipes applied.

    Warns:
        NoEffectWarning: for each recipe that changes nothing.

    Raises:
        RecipeError: for a recipe that clashes with what is there.
    """
    for recipe in recipes:
        changed = recipe.apply(blueprint)
        # A recipe of the user's own may return anything, which is refused elsewhere.
        if isinstance(changed, Blueprint) and changed.to_dict() == blueprint.to_dict():
            warnings.warn(
                f"The recipe {recipe} changes nothing here.", NoEffectWarning, stacklevel=2
            )
        blueprint = changed
    return blueprint
