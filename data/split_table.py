"""Which rows of a table are for training, validation and test."""

from __future__ import annotations

import math

import numpy as np

from .class_checks import check_ordered_part, unordered
from .errors import DataError
from .spec import DataSpec
from .spec_checks import check_shares
from .split import limit, split_off
from .table_target import TableTarget


def split_table(target: TableTarget, spec: DataSpec) -> dict[str, np.ndarray]:
    """Return positions of rows by `train`, `val` and `test`, and those that are `unused`.

    Classes are split in their shares, numbers at random. Rows whose order means something are cut
    in it: the first ones train, the last ones test, and what limits them keeps the latest.

    Raises:
        DataError: If there are too few rows.
    """
    check_shares((spec.val_fraction, spec.test_fraction))
    if spec.is_ordered:
        return _in_order(target, spec)
    if target.classes:
        return _stratified(target, spec)
    count = len(target.labels)
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    order = np.random.RandomState(spec.split_seed).permutation(count)
    val, test = _sizes(count, spec)
    train = order[test + val :]
    _check_limit(train, count, spec)
    return {
        "train": train[: spec.limit_train],
        "unused": train[spec.limit_train or len(train) :],
        "val": order[test : test + val],
        "test": order[:test],
    }


def _stratified(target: TableTarget, spec: DataSpec) -> dict[str, np.ndarray]:
    sizes = {"test": spec.test_fraction, "validation": spec.val_fraction}
    parts = split_off(target.labels, sizes, spec.split_seed, target.classes, spec.name)
    train = parts["training"]
    chosen = np.arange(len(train))
    if spec.limit_train is not None:
        chosen = limit(target.labels[train], spec.limit_train, spec.split_seed, spec.name)
    return {
        "train": train[chosen],
        "unused": np.delete(train, chosen),
        "val": parts["validation"],
        "test": parts["test"],
    }


def _in_order(target: TableTarget, spec: DataSpec) -> dict[str, np.ndarray]:
    count = len(target.labels)
    val, test = _sizes(count, spec)
    rows = np.arange(count)
    train = rows[: count - val - test]
    _check_limit(train, count, spec)
    first = len(train) - (spec.limit_train or len(train))
    parts = {
        "train": train[first:],
        "unused": train[:first],
        "val": rows[count - val - test : count - test],
        "test": rows[count - test :],
    }
    for split, part in (("train", "training"), ("val", "validation"), ("test", "test")):
        check_ordered_part(
            target.labels[parts[split]],
            target.classes,
            f"In the order of {spec.name}, the {part} part",
            "To split the classes in their shares, "
            f"{unordered(has_windows=spec.window is not None)}.",
        )
    return parts


def _sizes(count: int, spec: DataSpec) -> tuple[int, int]:
    # Rounded first: 0.07 * 100 is a little above 7.
    return (
        math.ceil(round(spec.val_fraction * count, 6)),
        math.ceil(round(spec.test_fraction * count, 6)),
    )


def _check_limit(train: np.ndarray, count: int, spec: DataSpec) -> None:
    if spec.limit_train is not None and spec.limit_train > len(train):
        raise DataError(
            f"limit_train (--limit-train) must be at most {len(train)}, the training rows of "
            f"{spec.name}. Received: limit_train={spec.limit_train}"
        )
    if len(train) < 2:
        raise DataError(f"{spec.name} has too few rows, {count}, to be split in three.")
