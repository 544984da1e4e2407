"""Applying one recipe after another."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from .blueprint import Blueprint
from .errors import NoEffectWarning
from .recipe import Recipe
from .setting import stated


def compose(blueprint: Blueprint, recipes: Iterable[Recipe]) -> Blueprint:
    """Returns the blueprint with the recipes applied.

    Warns:
        NoEffectWarning: for each recipe that changes nothing, and each setting that is given to a
            kind which does not use it.

    Raises:
        RecipeError: for a recipe that clashes with what is there.
    """
    for recipe in recipes:
        # Only a warning: a search over kinds and their settings tries such pairs, too.
        for text in _unused_settings(recipe):
            warnings.warn(text, NoEffectWarning, stacklevel=2)
        changed = recipe.apply(blueprint)
        # A user's own recipe may return anything; what is no blueprint is refused elsewhere.
        if isinstance(changed, Blueprint) and changed.to_dict() == blueprint.to_dict():
            warnings.warn(
                f"The recipe {recipe} changes nothing here.", NoEffectWarning, stacklevel=2
            )
        blueprint = changed
    return blueprint


def _unused_settings(recipe: Any) -> Iterator[str]:
    """Yields a sentence for each setting, other than its default, that the kind does not use."""
    for one in fields(recipe):
        rule = stated(one)
        if not rule or not rule.of_kinds or recipe.kind in rule.of_kinds:
            continue
        if getattr(recipe, one.name) != one.default:
            yield (
                f"{recipe.name}: {one.name} is for {rule.kinds_text}, and does nothing where kind "
                f"is {recipe.kind}. Leave it out, or choose another kind."
            )
