"""Finding a base network: a built-in one or a user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...recipes import NETWORK_FIELDS, Blueprint, RecipeError, nearest
from ...recipes.own_code import find_own
from ..output import quiet_import
from .built_in import BUILT_IN
from .honoured import honoured_recipes, idle_fields, lacking_fields


def find_base(base: str) -> Callable[..., Any]:
    """Returns the function `build(inputs, classes, parts)` of a base network.

    Args:
        base: name of a built-in network, or `"module:build"` for a user's own.

    Raises:
        RecipeError: if there is no such function, or it does not say which slots it honours.
    """
    if base in BUILT_IN:
        built_in: Callable[..., Any] = find_own(BUILT_IN[base].path, "The base network")
        return built_in
    if ":" not in base:
        raise RecipeError(
            f"There is no network {base!r}.{nearest(base, BUILT_IN)} "
            f"Known: {', '.join(BUILT_IN)}, or your own as 'module:build'."
        )
    build = find_own(base, "The base network")
    module_name, _, name = base.partition(":")
    if not callable(build):
        raise RecipeError(f"The base network {base!r} is no function of {module_name}.")
    slots = getattr(build, "slots", None)
    unknown = set(slots or ()) - set(NETWORK_FIELDS)
    if slots is None or unknown:
        raise RecipeError(
            f"The base network {base!r} must say in {name}.slots which fields of a blueprint it "
            f"honours, out of: {', '.join(NETWORK_FIELDS)}. Received: slots={slots!r}"
        )
    return build


def slots_of(base: str) -> tuple[str, ...]:
    """Returns the fields of a blueprint that a base network honours.

    Raises:
        RecipeError: as `find_base` says.
    """
    if base in BUILT_IN:
        return BUILT_IN[base].slots
    with quiet_import(base):
        slots: tuple[str, ...] = find_base(base).slots  # type: ignore[attr-defined]
    return slots


def check_slots(base: str, below: Blueprint, above: Blueprint, recipe: str) -> None:
    """Refuses a recipe that changes slots that a base network does not honour.

    Raises:
        RecipeError: if the network lacks a slot that the recipe needs (the text also names what the
            network honours: its recipes if it is built in, its slots otherwise), or if the recipe
            only changes hidden dense layers and the network has none.
    """
    slots = slots_of(base)
    if lacking := lacking_fields(slots, below, above):
        honoured = honoured_recipes(base) if base in BUILT_IN else slots
        raise RecipeError(
            f"The recipe {recipe!r} needs {', '.join(lacking)}, which the base network {base!r} "
            f"lacks. It honours: {', '.join(honoured) or 'nothing'}."
        )
    if idle := idle_fields(below, above):
        raise RecipeError(
            f"The recipe {recipe!r} changes hidden dense layers alone ({', '.join(idle)}), but the "
            f"network {base!r} has none here: dense is empty. Give it some, such as dense = [64], "
            "or leave the recipe out."
        )
