"""Warning of arms judged by examples on which the weights that they start from were trained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...data import DataError, Dataset, DataSpec, bootstrap_sample
from ...data.image_checks import digests
from ...runs.example_word import example_word
from ...runs.run_folder import Run, read_run
from ...runs.saved_weights import is_path
from ...training.executor.study_pool import StudyPool
from ...training.old_data import old_data
from .study import Arm, Study
from .study_data import StudyData

# Warnings by the start and the name of the prepared data; an empty text where nothing was found.
Told = dict[tuple[str, str], str]


def look_for_seen(study: Study, data: StudyData, executor: StudyPool, told: Told) -> None:
    """Adds warnings about the study's arms to `told`.

    Where the data of the old run are no longer available, no warning can be given.

    Args:
        study: the study whose arms are checked.
        data: the prepared data of the study, which judge its arms.
        executor: where the data of the old run are prepared.
        told: the warnings so far; starts and data in it are not checked again.
    """
    for start, judging in _judged_by(study, data).items():
        new = {name: arm for name, arm in judging.items() if (start, name) not in told}
        if not new:
            continue
        known = _trained_on(start, executor)
        for name, arm in new.items():
            prepared = Dataset.load(executor.folder_of(name))
            told[start, name] = _warning(start, known, prepared, arm) if known else ""


def _judged_by(study: Study, data: StudyData) -> dict[str, dict[str, Arm]]:
    """Returns, for each start, the names of the data that judge runs from it, with an arm each."""
    found: dict[str, dict[str, Arm]] = {}
    for arm in study.arms:
        if start := _start(arm.blueprint.to_dict()):
            names = {data.name(arm, seed): arm for seed in study.seeds_of(arm)}
            found[start] = {**found.get(start, {}), **names}
    return found


def _start(blueprint: Mapping[str, Any]) -> str | None:
    """Returns the path, as a blueprint names it, of the run that it starts from, if any."""
    path = blueprint.get("warm_start") or blueprint.get("backbone") or ""
    return path if is_path(path) and (_folder(path) / "run.json").is_file() else None


def _folder(path: str) -> Path:
    return Path(path) if Path(path).is_dir() else Path(path).parent


def _trained_on(start: str, executor: StudyPool) -> set[bytes]:
    """Returns digests of the training examples of a run, and of the runs that it started from."""
    known: set[bytes] = set()
    for run in _chain(start):
        try:
            known.update(_digests(_examples(run, executor)))
        except DataError:  # the notes on a warm start give its text
            continue
    return known


def _chain(start: str) -> Iterator[Run]:
    """Yields the run, and then the runs that its weights go back to."""
    path: str | None = start
    passed: set[Path] = set()
    while path is not None and (folder := _folder(path).resolve()) not in passed:
        passed.add(folder)
        run = read_run(folder)
        yield run
        path = _start(run.details.get("blueprint") or {})


def _examples(run: Run, executor: StudyPool) -> np.ndarray:
    def prepared(spec: DataSpec) -> Dataset:
        name = f"before-{run.folder.name}"
        executor.prepare(spec, name)
        return Dataset.load(executor.folder_of(name))

    told = run.details.get("data") or {}
    there = old_data(told, prepared)
    return (bootstrap_sample(there, run.seed or 0) if "bootstrap_of" in told else there).x_train


def _warning(start: str, known: set[bytes], data: Dataset, arm: Arm) -> str:
    """Returns a warning if the data that judge hold known examples; otherwise an empty text."""
    counts = {
        words: (sum(one in known for one in _digests(examples)), len(examples))
        for words, examples in (
            ("held out" if arm.held_out else "in validation", data.x_val),
            ("in test", data.x_test),
        )
    }
    if not any(seen for seen, _ in counts.values()):
        return ""
    listed = " and ".join(f"{seen} of {size} {words}" for words, (seen, size) in counts.items())
    word = example_word(data.summary())
    chance = "" if data.is_of_images else f", unless the {word}s are equal by chance"
    advice = (
        "To start from this run, compare settings by sweep, which holds out no training examples."
        if arm.held_out
        else f"Start from a run that was trained on other {word}s, or only on training {word}s of "
        "this split."
    )
    return (
        f"Runs that start from {start} are judged by {word}s that its weights were trained on: "
        f"{listed} (split seed {data.split_seed}). Their figures are too optimistic{chance}. "
        f"{advice}"
    )


def _digests(examples: Iterable[np.ndarray]) -> list[bytes]:
    # The same pixels may be bytes in one data set and floats in another.
    return digests(np.asarray(one, np.float32) for one in examples)
