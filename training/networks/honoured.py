"""Which recipes a network honours, found by applying each of them."""

from __future__ import annotations

from ...recipes import NETWORK_FIELDS, RECIPES, Blueprint, NetworkSettings, RecipeError
from .built_in import BUILT_IN


def lacking_fields(slots: tuple[str, ...], below: Blueprint, above: Blueprint) -> list[str]:
    """Returns the fields that a blueprint changes but the network does not honour.

    If the network itself changes, it need not honour fields that are set back to their defaults.

    Args:
        slots: the fields that the network honours.
        below: the blueprint before.
        above: the blueprint after.
    """
    changed = _changed(below, above)
    if above.base != below.base:
        changed = [
            name for name in changed if getattr(above, name) != getattr(NetworkSettings, name)
        ]
    return [name for name in changed if name not in slots]


def idle_fields(below: Blueprint, above: Blueprint) -> list[str]:
    """Returns the changed fields if none of them has an effect, for lack of hidden dense layers.

    The list is empty if any changed field has an effect.

    Args:
        below: the blueprint before.
        above: the blueprint after.
    """
    if above.base not in BUILT_IN or above.dense:
        return []
    changed = _changed(below, above)
    return changed if set(changed) <= set(BUILT_IN[above.base].hidden) else []


def _changed(below: Blueprint, above: Blueprint) -> list[str]:
    return [name for name in NETWORK_FIELDS if getattr(below, name) != getattr(above, name)]


def refused_recipes(base: str) -> dict[str, str]:
    """Returns why a built-in network does not honour some of our recipes, by the recipe's name.

    Each recipe is applied with its defaults, or with example settings. For a recipe that brings
    another network, that network's fields count.
    """
    refused = {}
    for name, recipe in RECIPES.items():
        below = Blueprint(base=base)
        try:
            above = recipe.example().apply(below)
        except RecipeError as clash:
            refused[name] = str(clash).removeprefix(f"{name}: ")
            continue
        if lacking := lacking_fields(BUILT_IN[above.base].slots, below, above):
            refused[name] = f"it changes {', '.join(lacking)}"
    return refused


def honoured_recipes(base: str) -> list[str]:
    """Returns the names of our recipes that a built-in network honours."""
    refused = refused_recipes(base)
    return [name for name in RECIPES if name not in refused]
