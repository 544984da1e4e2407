"""The user's own source files that a blueprint depends on."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import site
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

_NOT_OWN = ("keras", "trickbook")


def own_sources(blueprint: Mapping[str, Any]) -> dict[str, str]:
    """Returns the sha256 of each source file of the user's that decides what a blueprint makes.

    These are the modules whose objects it names, and the user's modules that those import, anywhere
    in their code. So an edited layer makes another training. Installed packages are left out: the
    versions of those that matter are recorded, and a report that mixes them warns.
    """
    found: dict[str, str] = {}
    waiting = sorted(own_modules(blueprint))
    while waiting:
        module = waiting.pop()
        spec = _spec(module)
        if module in found or spec is None or spec.origin is None:
            continue
        path = Path(spec.origin)
        found[module] = hashlib.sha256(path.read_bytes()).hexdigest()
        if path.suffix == ".py":
            waiting += [name for name in _imported(path, module, spec) if _is_own(name)]
    return found


def own_modules(value: Any) -> set[str]:
    """Returns the user's modules in a blueprint's dictionary: those of its classes and its base."""
    if isinstance(value, list):
        return set().union(*map(own_modules, value))
    if not isinstance(value, dict):
        return set()
    named = [value[key] for key in ("class", "base") if isinstance(value.get(key), str)]
    modules = {path.partition(":")[0] for path in named if ":" in path}
    own = {name for name in modules if name.partition(".")[0] not in _NOT_OWN}
    return own.union(*map(own_modules, value.values()))


def _spec(module: str) -> ModuleSpec | None:
    """Returns where a module comes from, or None for what has no file."""
    try:
        spec = importlib.util.find_spec(module)
    # A package that cannot be imported is reported when the run needs it.
    except Exception:
        return None
    return spec if spec is not None and spec.has_location else None


def _imported(path: Path, module: str, spec: ModuleSpec) -> Iterator[str]:
    """Yields every module that the source may import, its packages included."""
    package = module if spec.submodule_search_locations else module.rpartition(".")[0]
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:
        return  # Importing the file reports it.
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            yield from _with_packages(base)
            # What is imported from a package may be one of its modules.
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _is_own(module: str) -> bool:
    """Whether a module is neither installed nor Python's own."""
    top = module.partition(".")[0]
    if not top or top in _NOT_OWN or top in sys.stdlib_module_names:
        return False
    spec = _spec(module)
    if spec is None or spec.origin is None:
        return False
    path = Path(spec.origin).resolve()
    return not any(path.is_relative_to(place) for place in _installed())


def _installed() -> list[Path]:
    paths = [*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()]
    return [Path(path).resolve() for path in paths if Path(path).name.endswith("-packages")]
