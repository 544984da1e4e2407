"""Turns the parts that a source brings into the three parts of a data set."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import DataError
from .sources.part import Part
from .spec import DataSpec
from .spec_checks import check_shares
from .split import limit, split_at_random, split_off

SPLITS = {"train": "training", "val": "validation", "test": "test"}


def complete_parts(
    parts: dict[str, Part], spec: DataSpec, classes: tuple[str, ...]
) -> tuple[dict[str, Part], int | None]:
    """Return the parts `training`, `validation` and `test`, the training part limited.

    Parts that the source does not bring are split off its training part: stratified by class, or at
    random where the labels are numbers. The examples that `limit_train` leaves unused may join the
    validation part, at its end. The number of validation examples before them is then returned too,
    otherwise None.

    Args:
        parts: The parts that the source brings, `training` among them.
        spec: How to split and limit them.
        classes: Class names in label order; empty where the labels are numbers.

    Raises:
        DataError: If there are too few examples, in total or of a class.
    """
    shares = {"test": spec.test_fraction, "validation": spec.val_fraction}
    missing = {split: share for split, share in shares.items() if split not in parts}
    check_shares([*missing.values()])
    source = parts["training"]
    places = (
        split_off(source.labels, missing, spec.split_seed, classes, spec.name)
        if classes
        else _split_numbers(len(source.labels), missing, spec)
    )
    merged = {**parts, **{split: source.take(chosen) for split, chosen in places.items()}}
    whole = {split: merged[split] for split in SPLITS.values()}
    limited = _limited(whole, spec, classes)
    before, count = (len(one["validation"].labels) for one in (whole, limited))
    return limited, None if count == before else before


def own_splits(parts: dict[str, Part]) -> list[str]:
    """Return which of `val` and `test` a source brings, so that they are not split off."""
    return [short for short, split in SPLITS.items() if split in parts and short != "train"]


def arrays_of(parts: dict[str, Part]) -> dict[str, Any]:
    """Return inputs and labels of the three parts, under the array names of a data set."""
    arrays = {f"x_{short}": parts[split].inputs for short, split in SPLITS.items()}
    return arrays | {f"y_{short}": parts[split].labels for short, split in SPLITS.items()}


def _limited(parts: dict[str, Part], spec: DataSpec, classes: tuple[str, ...]) -> dict[str, Part]:
    train, size = parts["training"], spec.limit_train
    if size is None:
        return parts
    chosen = (
        limit(train.labels, size, spec.split_seed, spec.name)
        if classes
        else _first_numbers(len(train.labels), size, spec)
    )
    limited = {**parts, "training": train.take(chosen)}
    if spec.unused is None:
        return limited
    unused = train.take(np.delete(np.arange(len(train.labels)), chosen))
    return {**limited, "validation": parts["validation"].joined(unused)}


def _split_numbers(count: int, shares: dict[str, float], spec: DataSpec) -> dict[str, np.ndarray]:
    places = split_at_random(count, shares, spec.split_seed)
    if len(places["training"]) < 2:
        raise DataError(
            f"{spec.name} has too few examples, {count}, to be split into "
            f"{' and '.join(['training', *shares])} parts. Give more."
        )
    return places


def _first_numbers(count: int, size: int, spec: DataSpec) -> np.ndarray:
    if size > count:
        raise DataError(
            f"limit_train (--limit-train) must be at most {count}, the training examples of "
            f"{spec.name}. Received: limit_train={size}"
        )
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    return np.random.RandomState(spec.split_seed).permutation(count)[:size]
