"""The ladder file of a grown ladder, which `trickbook run` climbs."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import tomli_w

from ...data import Dataset, DataSpec
from ...recipes import Config, NetworkSettings, Recipe, RecipeError, Slot
from ...recipes.task import LOSSES
from ...runs.atomic_files import write_text
from ...training.errors import LadderError
from ..ladder_file import BASELINE_SETTINGS, LadderSpec, read_ladder
from .aim import Aim
from .growth import Growth
from .trick import recipe_entry

NAME = "grown.toml"


def write_grown(aim: Aim, growth: Growth, out: Path) -> Path:
    """Writes the ladder that a growth has reached into the folder; returns the file's path."""
    path = out / NAME
    text = f"{_heading(aim)}{_where_classes_are(growth)}{tomli_w.dumps(_tables(aim, growth))}"
    write_text(path, text)
    if note := _what_it_cannot_say(aim, growth, path):
        write_text(path, f"{note}{text}")
    return path


def _heading(aim: Aim) -> str:
    named = isinstance(aim.data, DataSpec)
    where = "" if named else "# The data were given in Python: name a data set with --data.\n"
    return f"# Grown by `trickbook grow`: each rung is what a race decided to help.\n{where}\n"


def _where_classes_are(growth: Growth) -> str:
    """A comment on recipes that other programs cannot find; empty if they can find all."""
    own = {type(one).__qualname__ for one in growth.recipes() if type(one).__module__ == "__main__"}
    if not own:
        return ""
    return (
        f"# Defined in the program that grew the ladder: {', '.join(sorted(own))}. Move what is in "
        "__main__ into a module, and write its name in place of __main__.\n"
    )


def _tables(aim: Aim, growth: Growth) -> dict[str, Any]:
    tables = {
        "data": {} if isinstance(aim.data, Dataset) else _data(aim.data),
        "task": _task(aim),
        "baseline": _baseline(aim.spec),
        "budget": _budget(aim),
        "rung": [{"recipes": [*map(_entry, step.recipes)]} for step in growth.steps()],
    }
    return {name: table for name, table in tables.items() if table}


def _entry(recipe: Recipe) -> dict[str, Any]:
    # TOML has no None; `_what_it_cannot_say` notes what the file then lacks.
    return {name: value for name, value in recipe_entry(recipe).items() if value is not None}


def _data(spec: DataSpec) -> dict[str, Any]:
    usual = DataSpec(spec.name).to_dict()
    return {
        name: value
        for name, value in spec.to_dict().items()
        if name == "name" or (value is not None and value != usual[name])
    }


def _task(aim: Aim) -> dict[str, Any]:
    task = aim.spec.baseline.task
    told = {
        "kind": task.kind,
        "decides": task.decides,
        "loss": None if task.loss is None else _loss_name(task.loss.config),
        "margin": aim.spec.margin,
    }
    return {name: value for name, value in told.items() if value is not None}


def _loss_name(config: Config) -> str | None:
    return next((name for name, named in LOSSES.items() if named == config), None)


def _baseline(spec: LadderSpec) -> dict[str, Any]:
    """The baseline's settings that a ladder file can name and that are not the defaults."""
    blueprint = spec.baseline
    own = [_entry(recipe) for recipe in spec.baseline_recipes]
    usual = {one.name: getattr(NetworkSettings(), one.name) for one in fields(NetworkSettings)}
    told = {name: getattr(blueprint, name) for name in BASELINE_SETTINGS}
    told["settings"] = dict(told["settings"])
    given = {
        name: value
        for name, value in told.items()
        if value != usual[name] and value and not isinstance(value, Slot)
    }
    if blueprint.dense == ():
        given["dense"] = []
    return {**given, "recipes": own} if own else given


def _budget(aim: Aim) -> dict[str, Any]:
    blueprint = aim.spec.baseline
    return {
        "epochs": blueprint.epochs,
        "batch_size": blueprint.batch_size,
        "learning_rate": blueprint.learning_rate,
        "seeds": aim.looks[0],
    }


def _what_it_cannot_say(aim: Aim, growth: Growth, path: Path) -> str:
    """A comment on what the file lacks of the grown model; empty if it lacks nothing."""
    name = None if isinstance(aim.data, DataSpec) else "digits"
    wanted = aim.blueprints(growth)[growth.pick]
    try:
        spec = read_ladder(str(path), name)
        there = spec.rungs()[-1].blueprint
    except (LadderError, RecipeError) as error:
        return f"# A ladder file cannot say all of it: {error}\n"
    if there == wanted:
        return ""
    lacking = wanted.difference(there)
    return f"# A ladder file cannot say all of it. The model that was grown has: {lacking}\n"
