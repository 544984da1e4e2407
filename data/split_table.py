"""Which rows of a table are for training, validation and test."""

from __future__ import annotations

import numpy as np

from .class_checks import check_ordered_part, unordered
from .errors import DataError
from .spec import DataSpec
from .spec_checks import check_shares
from .split import limit, size_of, split_at_random, split_off
from .table_target import TableTarget


def split_table(target: TableTarget, spec: DataSpec) -> dict[str, np.ndarray]:
    """Return positions of rows for `train`, `val` and `test`, and those that are `unused`.

    Classes are split in their shares, numbers at random. Rows whose order means something are cut
    in that order: the first ones train, the last ones test, and `limit_train` keeps the latest
    training rows.

    Raises:
        DataError: If there are too few rows.
    """
    check_shares((spec.val_fraction, spec.test_fraction))
    if spec.is_ordered:
        return _in_order(target, spec)
    sizes = {"test": spec.test_fraction, "validation": spec.val_fraction}
    if target.classes:
        parts = split_off(target.labels, sizes, spec.split_seed, target.classes, spec.name)
    else:
        parts = split_at_random(len(target.labels), sizes, spec.split_seed)
        _check_limit(parts["training"], len(target.labels), spec)
    train = parts["training"]
    chosen = np.arange(len(train))[: spec.limit_train]
    if target.classes and spec.limit_train is not None:
        chosen = limit(target.labels[train], spec.limit_train, spec.split_seed, spec.name)
    return {
        "train": train[chosen],
        "unused": np.delete(train, chosen),
        "val": parts["validation"],
        "test": parts["test"],
    }


def _in_order(target: TableTarget, spec: DataSpec) -> dict[str, np.ndarray]:
    count = len(target.labels)
    val, test = (size_of(share, count) for share in (spec.val_fraction, spec.test_fraction))
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


def _check_limit(train: np.ndarray, count: int, spec: DataSpec) -> None:
    if spec.limit_train is not None and spec.limit_train > len(train):
        raise DataError(
            f"limit_train (--limit-train) must be at most {len(train)}, the training rows of "
            f"{spec.name}. Received: limit_train={spec.limit_train}"
        )
    if len(train) < 2:
        raise DataError(f"{spec.name} has too few rows, {count}, to be split in three.")
