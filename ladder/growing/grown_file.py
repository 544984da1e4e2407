"""The ladder file of what was grown, which `trickbook run` climbs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ...data import Dataset, DataSpec
from ...recipes import Blueprint, NetworkSettings, RecipeError, Slot
from ...runs.atomic_files import write_text
from ...training.errors import LadderError
from ..ladder_file import BASELINE_SETTINGS, read_ladder
from ..rung import stack
from .aim import Aim
from .growth import Growth
from .trick import recipe_entry

NAME = "grown.toml"


def write_grown(aim: Aim, growth: Growth, out: Path) -> Path:
    """Writes the ladder that a growth has come to; returns the file's path.

    Args:
        aim: what was to be grown.
        growth: what was kept.
        out: folder.
    """
    path = out / NAME
    text = "\n".join(_lines(aim, growth))
    write_text(path, f"{_heading(aim)}{text}\n")
    if note := _what_it_cannot_say(aim, growth, path):
        write_text(path, f"{note}{_heading(aim)}{text}\n")
    return path


def _heading(aim: Aim) -> str:
    named = isinstance(aim.data, DataSpec)
    where = "" if named else "# The data were given in Python: name theirs by --data.\n"
    return f"# Grown by `trickbook grow`: each rung is what a race decided to help.\n{where}\n"


def _lines(aim: Aim, growth: Growth) -> Iterator[str]:
    if not isinstance(aim.data, Dataset):
        yield from _table("data", _data(aim.data))
    yield from _table("task", _task(aim))
    yield from _table("baseline", _baseline(aim.spec.baseline))
    yield from _table("budget", _budget(aim))
    for step in growth.steps():
        yield "[[rung]]"
        yield "recipes = ["
        yield from (f"    {_value(recipe_entry(recipe))}," for recipe in step.recipes)
        yield "]"
        yield ""


def _data(spec: DataSpec) -> dict[str, Any]:
    usual = DataSpec(spec.name).to_dict()
    return {
        name: value
        for name, value in spec.to_dict().items()
        if name == "name" or (value is not None and value != usual[name])
    }


def _task(aim: Aim) -> dict[str, Any]:
    task = aim.spec.baseline.task
    told = {"kind": task.kind, "decides": task.decides, "margin": aim.spec.margin}
    return {name: value for name, value in told.items() if value is not None}


def _baseline(blueprint: Blueprint) -> dict[str, Any]:
    """The baseline's settings that are no defaults, of those that a ladder file can name."""
    usual = {one.name: getattr(NetworkSettings(), one.name) for one in fields(NetworkSettings)}
    told = {name: getattr(blueprint, name) for name in BASELINE_SETTINGS}
    told["settings"] = dict(told["settings"])
    return {
        name: value
        for name, value in told.items()
        if value != usual[name] and value and not isinstance(value, Slot)
    } | ({"dense": []} if blueprint.dense == () else {})


def _budget(aim: Aim) -> dict[str, Any]:
    blueprint = aim.spec.baseline
    return {
        "epochs": blueprint.epochs,
        "batch_size": blueprint.batch_size,
        "learning_rate": blueprint.learning_rate,
        "seeds": aim.looks[0],
    }


def _what_it_cannot_say(aim: Aim, growth: Growth, path: Path) -> str:
    """A comment on what the file lacks of the grown model; empty where it says all of it."""
    name = None if isinstance(aim.data, DataSpec) else "digits"
    wanted = aim.blueprints(growth)[growth.pick]
    try:
        spec = read_ladder(str(path), name)
        there = stack(spec.baseline, spec.steps, None)[-1].blueprint
    except (LadderError, RecipeError) as error:
        return f"# A ladder file cannot say all of it: {error}\n"
    if there == wanted:
        return ""
    lacking = wanted.difference(there)
    return f"# A ladder file cannot say all of it. The model that was grown has: {lacking}\n"


def _table(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    if not values:
        return
    yield f"[{name}]"
    yield from (f"{key} = {_value(value)}" for key, value in values.items())
    yield ""


def _value(value: Any) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # TOML's basic strings escape as JSON's do.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(item)}' for key, item in value.items())} }}"
    return repr(value)


def _key(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else json.dumps(name, ensure_ascii=False)
