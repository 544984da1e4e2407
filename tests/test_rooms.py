"""Imports go one way between rooms, and a module's name means one thing."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What each room may import, besides itself.
MAY_IMPORT = {
    "layers": set(),
    "runs": set(),
    "data": {"layers", "runs"},
    "recipes": {"layers"},
    "reports": {"runs"},
    "callbacks": {"runs", "reports"},
    "training": {"data", "layers", "runs", "recipes", "reports", "callbacks"},
    "ladder": {"data", "layers", "runs", "recipes", "reports", "callbacks", "training"},
}


# The same within `reports`, of its sub-rooms.
REPORTS_MAY_IMPORT = {
    "read": set(),
    "statistics": set(),
    "analysis": {"read", "statistics"},
    "diagnosis": {"read", "statistics", "analysis"},
    "figures": {"read", "statistics", "analysis", "diagnosis"},
    "pages": {"read", "statistics", "analysis", "diagnosis", "figures"},
    "export": {"read", "statistics", "analysis", "diagnosis", "figures", "pages"},
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


def imported_sub_rooms(module: Path) -> set[str]:
    """The sub-rooms of `reports` that a module in one of them imports from."""
    froms = [
        node
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == 2
    ]
    named = {(node.module or alias.name).split(".")[0] for node in froms for alias in node.names}
    return named & REPORTS_MAY_IMPORT.keys()


@pytest.mark.parametrize("room", REPORTS_MAY_IMPORT)
def test_what_reads_does_not_judge_and_what_judges_does_not_draw(room):
    allowed = REPORTS_MAY_IMPORT[room] | {room}
    wrong = {
        module.name: sorted(imported_sub_rooms(module) - allowed)
        for module in modules(f"reports/{room}")
        if imported_sub_rooms(module) - allowed
    }
    assert not wrong


def test_every_sub_room_of_reports_is_held_to_it():
    folders = {path.parent.name for path in (ROOT / "reports").glob("*/__init__.py")}
    assert folders == set(REPORTS_MAY_IMPORT)
    assert imported_sub_rooms(ROOT / "reports" / "analysis" / "effects.py") == {
        *("read", "statistics")
    }


def test_what_lies_above_the_rooms_serves_them_and_imports_none():
    assert {path.name for path in ROOT.glob("*.py")} == {
        *("__init__.py", "__main__.py", "argument_checks.py")
    }
    assert not imported_rooms(ROOT / "argument_checks.py")


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


# What Python itself documents under such names.
PUBLIC_ALL_THE_SAME = {"_asdict", "_exit", "_fields", "_getframe", "_replace"}


def names_of_our_own(tree: ast.Module) -> set[str]:
    """What a module defines: functions, classes, variables, attributes of its objects."""
    named = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    stored = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    named |= {node.id for node in stored if isinstance(node, ast.Name)}
    return named | {
        node.attr
        for node in stored
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
    }


def borrowed_private_names(tree: ast.Module, own: set[str]) -> set[str]:
    """Modules and attributes of others that are used without being public."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            is_ours = node.attr in own | PUBLIC_ALL_THE_SAME or node.attr.endswith("__")
            found |= set() if is_ours else {node.attr}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            parts = (node.module or "").split(".")
            names = [alias.name for alias in node.names]
            found |= {part for part in [*parts, *names] if part[0] == "_" and part[-1] != "_"}
            found |= {node.module} if parts[:2] == ["keras", "src"] else set()
    return found


def test_private_names_of_others_stand_in_one_module():
    trees = {
        str(module.relative_to(ROOT)): ast.parse(module.read_text(encoding="utf-8"))
        for room in MAY_IMPORT
        for module in modules(room)
    }
    own = set().union(*(names_of_our_own(tree) for tree in trees.values()))
    borrowed = {
        path: names for path, tree in trees.items() if (names := borrowed_private_names(tree, own))
    }
    assert list(borrowed) == [str(Path("callbacks/state/keras_private.py"))], borrowed
