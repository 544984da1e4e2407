"""Ladder files: TOML with [data], [task], [baseline], [budget] and one [[rung]] per step.

A trick that is to stand alone on the baseline is an [[alone]]; such tricks need not compose.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..argument_checks import is_number, is_whole
from ..data import DataError, DataSpec
from ..recipes import Blueprint, Recipe, RecipeError, Task, make_recipe, nearest
from ..training.errors import LadderError
from ..training.networks.built_in import BUILT_IN as BUILT_IN_NETWORKS
from ..training.output import quiet_import
from .problem import Problem
from .rung import Rung, Step, applied, stack

MOST_SEEDS = 1000
LARGEST_SEED = 2**31 - 1

# The ladder of tricks that stand alone on a baseline, for a study by level; those of tables follow.
LEVELS = "levels"
BUILT_IN = (
    *("digits", "lecture", "speedrun", "speedrun95", "speedrun96", "tabular", "diabetes"),
    *("sequence", "deep", LEVELS, "levels-tabular", "levels-diabetes"),
)

_TASK = ("kind", "decides", "loss")
BASELINE_SETTINGS = (
    "settings",
    "filters",
    "convolutions",
    "dense",
    "activation",
    "kernel_initializer",
    "pooling",
    "head_pooling",
    "embedding_size",
    "recurrent_units",
    "cell",
    "bidirectional",
    "base",
)
_BUDGET = ("epochs", "batch_size", "learning_rate")


@dataclass(frozen=True)
class LadderSpec:
    """What a ladder is, as plain values; what a ladder file says.

    Attributes:
        name: the built-in ladder's name, or the file's without its ending.
        data: which data, how split and scaled.
        baseline: the blueprint of rung 0, budget included, without the baseline's own tricks.
        steps: what each further rung adds.
        alone: the tricks that stand alone on the baseline, for the study by level.
        seeds: the seeds that every rung is trained with.
        reported: the accuracy that the source gives for the baseline, 0..1, or None.
        splits: whether each seed has a split of its own.
        bagging: whether each seed trains on a bootstrap sample of the training examples.
        reported_on: the problem that the reported accuracies belong to, None if unknown.
        margin: a difference matters if it is larger than this, in the unit of the deciding metric;
            None is one point for metrics that are shares, such as accuracy.
        has_kind: whether the file says what kind of task it is; otherwise the data decide.
        is_own: whether its rungs are the user's own, and not those of a built-in ladder.
        file: the user's ladder file; None if there is none.
        baseline_recipes: tricks that the baseline has from the start.
    """

    name: str
    data: DataSpec
    baseline: Blueprint
    steps: tuple[Step, ...]
    seeds: tuple[int, ...]
    reported: float | None
    reported_on: Problem | None
    splits: bool = False
    bagging: bool = False
    margin: float | None = None
    alone: tuple[Step, ...] = ()
    has_kind: bool = True
    is_own: bool = False
    file: Path | None = None
    baseline_recipes: tuple[Recipe, ...] = ()

    @property
    def start(self) -> Blueprint:
        """The blueprint of rung 0, with the baseline's own tricks.

        Raises:
            RecipeError: for one that clashes or lacks what it needs.
        """
        return applied(self.baseline_recipes, self.baseline, "[baseline]")

    def rungs(self) -> list[Rung]:
        """Returns the rungs, the baseline first.

        Raises:
            RecipeError: as `stack` says.
        """
        problem = Problem.of(self.data, self.baseline)
        if problem == self.reported_on and problem.is_told_by_accuracy:
            return stack(self.baseline, self.steps, self.reported, self.baseline_recipes)
        # Published accuracies say nothing about other images, networks or figures.
        steps = [replace(step, reported=None) for step in self.steps]
        return stack(self.baseline, steps, None, self.baseline_recipes)


def ladder_text(ladder: str) -> str:
    """Returns the TOML of a built-in ladder or of a file.

    Raises:
        LadderError: if there is neither, or the file cannot be read.
    """
    if ladder in BUILT_IN:
        return Path(__file__).with_name(f"{ladder}.toml").read_text(encoding="utf-8")
    path = from_home(ladder)
    if path.suffix != ".toml":
        raise LadderError(
            f"There is no ladder {ladder!r}.{nearest(ladder, BUILT_IN)} "
            f"Built in: {', '.join(BUILT_IN)}; or give a file that ends in .toml."
        )
    try:
        # Some editors begin a file with a byte order mark, which TOML does not allow.
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LadderError(f"The ladder file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise LadderError(f"The ladder file {path} is not UTF-8 text: {error}.") from error


def from_home(path: str | Path) -> Path:
    """Returns the path with `~` replaced by the home folder; an unknown `~name` stays as it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def read_ladder(ladder: str, data: str | None = None) -> LadderSpec:
    """Returns the built-in ladder of that name, or what the file at that path says.

    Args:
        ladder: name or path.
        data: name of the data for a file that names none.

    Raises:
        LadderError: if it cannot be read, or for a key or value that is wrong, naming its place
            and, for a key, the nearest right one.
    """
    text = ladder_text(ladder)
    path = None if ladder in BUILT_IN else from_home(ladder)
    name = ladder if path is None else path.stem
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LadderError(f"{ladder} is not valid TOML: {error}.") from error
    try:
        spec = _parse(name, content, data)
        return spec if path is None else replace(spec, is_own=True, file=path)
    except (RecipeError, DataError, LadderError) as error:
        raise LadderError(f"{ladder}: {error}") from error


def check_data_path(spec: LadderSpec) -> None:
    """Refuses a data path that exists beside the ladder's file, but not in the current folder.

    Relative paths count from the current folder.

    Raises:
        DataError: saying in which folder to give the command.
    """
    if not spec.data.path or spec.file is None:
        return
    path = Path(spec.data.path).expanduser()
    folder = spec.file.absolute().parent
    if not path.exists() and (folder / path).exists():
        raise DataError(
            f"There is no {path} in the current folder, {Path.cwd()}, from which a relative path "
            f"counts. It lies beside {spec.file}: give the command in {folder}, or name the whole "
            f"path, {spec.data.kind}:{folder / path}."
        )


def _parse(name: str, content: Mapping[str, Any], data_name: str | None) -> LadderSpec:
    if not content:
        raise LadderError(
            "The file is empty. Start from a built-in ladder: trickbook show digits --toml"
        )
    _check_keys("the file", content, ("data", "task", "baseline", "budget", "rung", "alone"))
    data = _table(content, "data", [field.name for field in fields(DataSpec)])
    task_table = _table(content, "task", (*_TASK, "margin"))
    margin = task_table.pop("margin", None)
    task = Task.named(**task_table)
    baseline = _table(content, "baseline", (*BASELINE_SETTINGS, "recipes", "reported"))
    budget = _table(content, "budget", (*_BUDGET, "seeds"))
    reported = _reported("[baseline]", baseline.pop("reported", None))
    own = _recipes("[baseline]", baseline.pop("recipes", None)) if "recipes" in baseline else ()
    seeds = seed_list(budget.pop("seeds", 3))
    if "name" not in data and data_name is None:
        raise LadderError(
            'The file names no data. Write name = "digits", or another, in [data]; a command that '
            "trains takes --data in its place, and Ladder.from_file takes data."
        )
    data_spec = DataSpec.from_dict({"name": data_name, **data})
    blueprint = _blueprint(task, {**baseline, **budget})
    return LadderSpec(
        name=name,
        data=data_spec,
        baseline=blueprint,
        steps=_steps(content, "rung"),
        alone=_steps(content, "alone"),
        seeds=seeds,
        reported=reported,
        # If the file names no data, it is not known which data they were reported for.
        reported_on=Problem.of(data_spec, blueprint) if "name" in data else None,
        margin=_margin(margin),
        has_kind=bool(task_table),
        baseline_recipes=own,
    )


def seed_list(value: Any) -> tuple[int, ...]:
    """Returns the seeds that a number of seeds (counted from 0) or a list of them stands for.

    Raises:
        LadderError: if it is neither, if there are too many, or if a seed comes twice.
    """
    given = value.tolist() if isinstance(value, np.ndarray) else value
    seeds = tuple(range(min(given, MOST_SEEDS + 1))) if is_whole(given) else given
    is_list = isinstance(seeds, (list, tuple, range)) and all(
        is_whole(seed, 0, LARGEST_SEED) for seed in seeds
    )
    if not is_list or not 0 < len(seeds) <= MOST_SEEDS or len(set(seeds)) < len(seeds):
        raise LadderError(
            f"seeds must be a number of seeds (3 stands for 0, 1 and 2), at most {MOST_SEEDS}, or "
            f"a list of different whole numbers, 0 or above. Received: seeds={value!r}"
        )
    return tuple(int(seed) for seed in seeds)


def _table(content: Mapping[str, Any], name: str, known: Iterable[str]) -> dict[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise LadderError(f"{name} must be a table: write [{name}] above its keys.")
    _check_keys(f"[{name}]", table, known)
    return dict(table)


def _check_keys(place: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    known = list(known)
    for key in table:
        if key not in known:
            raise LadderError(
                f"Unknown key {key!r} in {place}.{nearest(key, known)} Known: {', '.join(known)}."
            )


def _blueprint(task: Task, values: dict[str, Any]) -> Blueprint:
    settings = values.pop("settings", {})
    if not isinstance(settings, dict):
        raise LadderError("settings must be a table, such as settings = { heads = 4 }.")
    blueprint = Blueprint(task=task, settings=tuple(settings.items()), **values)
    # Other settings, such as sizes, may be meant for a network that a rung brings.
    for name in ("cell", "bidirectional"):
        if name in values and blueprint.base in BUILT_IN_NETWORKS and blueprint.base != "recurrent":
            raise LadderError(
                f"{name} is a setting of the network recurrent, but the network of [baseline] is "
                f'{blueprint.base}. Write base = "recurrent", or leave {name} out.'
            )
    return blueprint


def _steps(content: Mapping[str, Any], key: str) -> tuple[Step, ...]:
    """Returns the steps that the file's [[rung]] or [[alone]] tables describe."""
    entries = content.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise LadderError(f"Write each {key} as [[{key}]], with two brackets.")
    return tuple(_step(f"{key} {index}", entry) for index, entry in enumerate(entries, 1))


def _step(place: str, rung: dict[str, Any]) -> Step:
    _check_keys(place, rung, ("recipes", "reported"))
    recipes = _recipes(place, rung.get("recipes"))
    return Step(recipes, _reported(place, rung.get("reported")))


def _recipes(place: str, entries: Any) -> tuple[Recipe, ...]:
    if not isinstance(entries, list) or not entries:
        raise LadderError(
            f'{place} needs a list of recipes, such as recipes = ["dropout"] or '
            'recipes = [{ use = "dropout", rate = 0.3 }].'
        )
    return tuple(_recipe(place, entry) for entry in entries)


def _recipe(place: str, entry: Any) -> Recipe:
    settings = {"use": entry} if isinstance(entry, str) else entry
    if not isinstance(settings, dict) or not isinstance(settings.get("use"), str):
        raise LadderError(
            f'{place}: a recipe is a name or {{ use = "name", setting = value }}. '
            f"Received: {entry!r}"
        )
    settings = dict(settings)
    try:
        name = settings.pop("use")
        with quiet_import(name):
            return make_recipe(name, settings)
    except RecipeError as error:
        raise LadderError(f"{place}: {error}") from error


def _margin(value: Any) -> float | None:
    if value is None or is_number(value):
        return value
    raise LadderError(f"margin in [task] must be a number above 0. Received: margin={value!r}")


def _reported(place: str, value: Any) -> float | None:
    if value is None or (is_number(value) and 0 <= value <= 1):
        return value
    raise LadderError(
        f"{place}: reported must be an accuracy in 0..1. Received: reported={value!r}"
    )
