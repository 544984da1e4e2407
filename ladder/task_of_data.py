"""The task of a ladder whose file leaves it to the data."""

from __future__ import annotations

from dataclasses import replace

from ..data import Dataset, task_of
from ..data.spec import KNOWN_TABLES
from .ladder_file import LadderSpec


def with_task_of_data(spec: LadderSpec, dataset: Dataset | None = None) -> LadderSpec:
    """Returns the ladder with the same kind of task for its networks and its data.

    A kind that the file states also holds for the target of a table, and for sequences. If the file
    states none, the data decide, and are read for that.

    Args:
        spec: the ladder.
        dataset: data in memory, in place of the ladder's.

    Raises:
        DataError: for data that cannot be read, or a table without a usable target.
        RecipeError: for a deciding metric that this kind of task does not have.
    """
    if dataset is not None:
        return spec if spec.has_kind else _with_kind(spec, dataset.task)
    if not spec.data.has_open_task:
        return spec
    if not spec.has_kind:
        return _with_kind(spec, task_of(spec.data))
    if spec.data.name in KNOWN_TABLES:
        return spec
    return replace(spec, data=replace(spec.data, task=spec.baseline.task.kind))


def _with_kind(spec: LadderSpec, kind: str) -> LadderSpec:
    task = replace(spec.baseline.task, kind=kind)
    return replace(spec, baseline=replace(spec.baseline, task=task), has_kind=True)
