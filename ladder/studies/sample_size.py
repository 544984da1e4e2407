"""A sample-size curve: a rung trained on more and more of the training examples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...argument_checks import is_whole
from ...data import Dataset
from ...training.errors import LadderError
from ..rung import Rung
from .file_names import file_name
from .study import Arm, Study

SIZES = 6
# The smallest size, as a part of all examples, if that holds a batch and two of each class.
SMALLEST_PART = 1 / 32


def sample_size_study(
    ladder: Study,
    data: Dataset,
    rungs: Sequence[Rung],
    sizes: int | Sequence[int] | None = None,
) -> Study:
    """Returns the study of some rungs of a ladder at several numbers of training examples.

    An arm with fewer examples has a part of the examples of an arm with more, in the same order;
    validation and test examples are the same for all.

    Args:
        ladder: the ladder's study, on the whole training set.
        data: its data, which give the size of the training set.
        rungs: the rungs to train.
        sizes: a list of numbers of training examples, or how many such numbers to choose; None is
            six.

    Raises:
        LadderError: for sizes that are invalid, or that the data or a batch do not allow.
    """
    chosen = _chosen(sizes, rungs, data)
    every = len(data.x_train)
    arms: list[Arm] = []
    points: list[dict[str, Any]] = []
    for rung in rungs:
        for size in chosen:
            name = f"{rung.name},n={size}"
            points.append({"arm": len(arms), "rung": rung.name, "size": size})
            arms.append(
                Arm(
                    name,
                    rung.blueprint,
                    changed=f"training examples: {size:,}",
                    train_size=None if size == every else size,
                )
            )
    file = file_name(f"sample-size-{'+'.join(rung.name for rung in rungs)}")
    details = {"points": points, "sizes": chosen}
    return replace(ladder, arms=tuple(arms), kind="sample-size", file=file, details=details)


def _chosen(sizes: int | Sequence[int] | None, rungs: Sequence[Rung], data: Dataset) -> list[int]:
    batch = max(rung.blueprint.batch_size for rung in rungs)
    if isinstance(sizes, Iterable) and not isinstance(sizes, str):
        return _listed([*sizes], max(batch, len(data.classes)), len(data.x_train))
    count: Any = SIZES if sizes is None else sizes
    if not is_whole(count):
        raise LadderError(
            f"sizes are how many, such as 6, or a list, such as [50, 100]. Received: {sizes!r}"
        )
    return _spread(int(count), batch, data)


def _spread(count: int, batch: int, data: Dataset) -> list[int]:
    every = len(data.x_train)
    least = max(batch, 2 * len(data.classes), math.ceil(SMALLEST_PART * every))
    if not 2 <= count <= every or least >= every:
        raise LadderError(
            f"{count} sizes cannot be chosen from {least:,} (a batch, and two of each class) to "
            f"all {every:,} training examples. Lower batch_size (--batch-size), or give sizes "
            "(--sizes)."
        )
    return sorted({round(size) for size in np.geomspace(least, every, count)})


def _listed(sizes: Sequence[int], least: int, every: int) -> list[int]:
    chosen = sorted(set(sizes))
    if len(chosen) < 2 or not all(is_whole(size, least, every) for size in chosen):
        raise LadderError(
            "sizes (--sizes) are two or more different numbers of training examples, from "
            f"{least:,} (a batch, and one of each class) to {every:,}. Received: "
            f"{', '.join(map(str, sizes))}"
        )
    return [int(size) for size in chosen]
