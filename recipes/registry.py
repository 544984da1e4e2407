"""Finding recipes by name, the built-in ones and those of users."""

from __future__ import annotations

import difflib
import importlib
from typing import Any

from .augmentation import Augmentation
from .batch_norm import BatchNorm
from .dropout import Dropout
from .errors import RecipeError
from .l2 import L2
from .lr_decay import LRDecay
from .noise import Noise
from .recipe import Recipe
from .skip_connections import SkipConnections
from .wider import Wider

RECIPES: dict[str, type[Recipe]] = {
    recipe.name: recipe
    for recipe in (
        Noise,
        BatchNorm,
        Dropout,
        L2,
        Augmentation,
        LRDecay,
        Wider,
        SkipConnections,
    )
}


def nearest(name: str, known: Any) -> str:
    """Returns " Did you mean 'x'?" for the known name most like `name`, or an empty text."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {matches[0]!r}?" if matches else ""


def find_recipe(name: str) -> type[Recipe]:
    """Returns the recipe class called `name`, or the user's own at `"module:Class"`.

    Raises:
        RecipeError: if there is none, naming the nearest that there is.
    """
    if ":" in name:
        return _import_recipe(name)
    if name not in RECIPES:
        raise RecipeError(
            f"There is no recipe {name!r}.{nearest(name, RECIPES)} "
            f"Known: {', '.join(RECIPES)}, or your own as 'module:Class'."
        )
    return RECIPES[name]


def make_recipe(name: str, settings: dict[str, Any]) -> Recipe:
    """Returns the recipe called `name` with the given settings.

    Raises:
        RecipeError: if there is no such recipe or setting, or a setting is out of range.
    """
    cls = find_recipe(name)
    known = cls.__dataclass_fields__
    for setting in settings:
        if setting not in known:
            raise RecipeError(
                f"The recipe {name!r} has no setting {setting!r}.{nearest(setting, known)} "
                f"It has: {', '.join(known) or 'none'}."
            )
    return cls(**settings)


def _import_recipe(path: str) -> type[Recipe]:
    module_name, _, class_name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise RecipeError(
            f"The recipe {path!r} cannot be loaded: {error}. "
            "Its module must be installed or lie in the current folder."
        ) from error
    cls = getattr(module, class_name, None)
    if not (isinstance(cls, type) and issubclass(cls, Recipe)):
        raise RecipeError(
            f"{path!r} is no recipe: {module_name} has no subclass of trickbook.recipes.Recipe "
            f"called {class_name!r}."
        )
    return cls
