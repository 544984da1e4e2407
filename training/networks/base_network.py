"""Finding the base network, a built-in one or a user's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ...recipes import NETWORK_FIELDS, Blueprint, RecipeError
from ...recipes.own_code import find_own
from ..output import printed_to

_BUILT_IN = {
    "convnet": "trickbook.training.networks.convnet:build",
    "mlp": "trickbook.training.networks.mlp:build",
}


def find_base(path: str | None) -> Callable[..., Any]:
    """Returns the function `build(inputs, classes, parts)` at `"module:build"`, or a built-in one.

    Raises:
        RecipeError: if there is no such function, or it does not say which slots it honours.
    """
    path = _BUILT_IN.get(path or "convnet", path or "")
    build = find_own(path, "The base network")
    module_name, _, name = path.partition(":")
    if not callable(build):
        raise RecipeError(f"The base network {path!r} is no function of {module_name}.")
    slots = getattr(build, "slots", None)
    unknown = set(slots or ()) - set(NETWORK_FIELDS)
    if slots is None or unknown:
        raise RecipeError(
            f"The base network {path!r} must say in {name}.slots which fields of a blueprint it "
            f"honours, out of: {', '.join(NETWORK_FIELDS)}. Received: slots={slots!r}"
        )
    return build


def check_slots(base: str | None, below: Blueprint, above: Blueprint, recipe: str) -> None:
    """Refuses a recipe that changes what a user's own base network does not honour.

    Raises:
        RecipeError: naming the recipe, the slots it needs and those that there are.
    """
    if base is None:
        return  # It honours all.
    # Its module imports Keras, whose backend greets at length.
    with printed_to(os.devnull):
        slots = find_base(base).slots  # type: ignore[attr-defined]
    changed = [name for name in NETWORK_FIELDS if getattr(below, name) != getattr(above, name)]
    lacking = [name for name in changed if name not in slots]
    if lacking:
        raise RecipeError(
            f"The recipe {recipe!r} needs {', '.join(lacking)}, which the base network {base!r} "
            f"lacks. It honours: {', '.join(slots) or 'nothing'}."
        )
