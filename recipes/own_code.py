"""Finding what users name as "module:name": their own recipes and base networks."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from .errors import RecipeError


def find_own(path: str, what: str) -> Any:
    """Returns the object at `path`, or None if its module has none of that name.

    Args:
        path: `"module:name"`.
        what: what it should be, for messages, such as "The recipe".

    Raises:
        RecipeError: if the path has another form, or the module cannot be imported.
    """
    module_name, _, name = path.partition(":")
    if not module_name or module_name.startswith(".") or not name:
        raise RecipeError(f"{what} {path!r} must be named as 'module:name'.")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        advice = _moved(error) or "Its module must be installed or lie in the current folder."
        raise RecipeError(f"{what} {path!r} cannot be loaded: {error}. {advice}") from error
    # A user's module can fail in any way; the message must then name the module.
    except (Exception, SystemExit) as error:
        raise RecipeError(
            f"{what} {path!r} cannot be loaded: importing {module_name} ended with "
            f"{type(error).__name__}: {error}"
        ) from error
    return getattr(module, name, None)


def _moved(error: ImportError) -> str:
    """Says where a module of ours has moved since version 0.1.0; empty for other modules."""
    package, *within = (error.name or "").split(".")
    if package != "trickbook" or not within:
        return ""
    root, name = Path(__file__).parents[1], within[-1]
    # A module of the same name in any other room is a different one.
    for room in (within[0], "training"):
        found = [path.relative_to(root) for path in root.glob(f"{room}/**/{name}.py")]
        if len(found) == 1:
            return f"It is {'.'.join(('trickbook', *found[0].with_suffix('').parts))} now."
    return "The first part of CHANGELOG.md says what has moved within trickbook."
