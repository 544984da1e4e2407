"""Finding what users name as "module:name": their own recipes and base networks."""

from __future__ import annotations

import importlib
from typing import Any

from .errors import RecipeError


def find_own(path: str, what: str) -> Any:
    """Returns the object at `path`, or None if its module has none of that name.

    Args:
        path: `"module:name"`.
        what: what it should be, for messages, as "The recipe".

    Raises:
        RecipeError: if the path reads otherwise, or there is no such module.
    """
    module_name, _, name = path.partition(":")
    if not module_name or module_name.startswith(".") or not name:
        raise RecipeError(f"{what} {path!r} must be named as 'module:name'.")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise RecipeError(
            f"{what} {path!r} cannot be loaded: {error}. "
            "Its module must be installed or lie in the current folder."
        ) from error
    # A user's module can fail in any way, which is no fault of the command that names it.
    except (Exception, SystemExit) as error:
        raise RecipeError(
            f"{what} {path!r} cannot be loaded: importing {module_name} ended with "
            f"{type(error).__name__}: {error}"
        ) from error
    return getattr(module, name, None)
