"""Imports go one way between rooms, and a module's name means one thing."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What each room may import, besides itself.
MAY_IMPORT = {
    "data": {"layers"},
    "layers": set(),
    "runs": set(),
    "recipes": {"layers"},
    "reports": {"runs"},
    "callbacks": {"runs", "reports"},
    "training": {"data", "layers", "runs", "recipes", "reports", "callbacks"},
    "ladder": {"data", "layers", "runs", "recipes", "reports", "callbacks", "training"},
}


def modules(room: str) -> list[Path]:
    folder = ROOT / room
    return [path for path in folder.rglob("*.py") if "gallery" not in path.parts]


def imported_rooms(module: Path) -> set[str]:
    """The rooms that a module imports from, also within functions and for types alone."""
    package = module.relative_to(ROOT).parent.parts
    rooms = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package[: len(package) - node.level + 1]
            parts = [*above, *(node.module or "").split(".")]
            rooms |= {alias.name for alias in node.names} if parts == [""] else {parts[0]}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trickbook."):
            rooms.add((node.module or "").split(".")[1])
    return rooms & MAY_IMPORT.keys()


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_go_one_way(room):
    allowed = MAY_IMPORT[room] | {room}
    wrong = {
        str(module.relative_to(ROOT)): sorted(imported_rooms(module) - allowed)
        for module in modules(room)
        if imported_rooms(module) - allowed
    }
    assert not wrong


def test_every_module_is_found():
    assert all(modules(room) for room in MAY_IMPORT)
    assert imported_rooms(ROOT / "training" / "trainer.py") >= {"data", "callbacks", "runs"}


def test_no_name_means_two_things():
    places = defaultdict(list)
    for room in MAY_IMPORT:
        for module in modules(room):
            places[module.stem].append(str(module.relative_to(ROOT)))
    # A room's front and its error are looked for by the room.
    twice = {
        name: found
        for name, found in places.items()
        if len(found) > 1 and name not in ("__init__", "errors")
    }
    assert not twice
