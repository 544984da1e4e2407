"""The way from a table with numbers to predict to a data set: check, split, limit, scale."""

import math

import numpy as np

from .dataset import Dataset, fingerprint
from .errors import DataError
from .fitted_scaling import fit_scaling
from .sources.raw_table import RawTable
from .spec import DataSpec


def prepare_table(table: RawTable, spec: DataSpec) -> Dataset:
    """Return the data set that `spec` describes, made of a table.

    Columns and target are standardised by the training rows.

    Raises:
        DataError: If a value is not finite, a part would be empty, or the spec asks for what only
            images have.
    """
    _check_spec(spec)
    if not (np.isfinite(table.rows).all() and np.isfinite(table.targets).all()):
        raise DataError(f"{spec.name} holds values that are no finite numbers. Leave them out.")
    places = _split(len(table.rows), spec)
    before, unused = len(places["val"]), places.pop("unused")
    if spec.unused is not None:
        places["val"] = np.concatenate([places["val"], unused])
    rows = {f"x_{split}": table.rows[chosen] for split, chosen in places.items()}
    targets = {f"y_{split}": table.targets[chosen] for split, chosen in places.items()}
    scaling = fit_scaling("standardize", rows["x_train"])
    return Dataset(
        name=spec.name,
        classes=(),
        scaling=scaling,
        fingerprint=fingerprint(rows | targets, (), scaling),
        split_seed=spec.split_seed,
        limit_train=spec.limit_train,
        val_in_epochs=None if len(places["val"]) == before else before,
        target_scaling=fit_scaling("standardize", targets["y_train"][:, np.newaxis]),
        **rows,
        **targets,
    )


def _check_spec(spec: DataSpec) -> None:
    for name, value in (("color", spec.color), ("image_size", spec.image_size)):
        if value is not None:
            raise DataError(f"{name} is for images, and {spec.name} is a table. Leave it out.")
    if spec.scaling != "standardize":
        raise DataError(
            f"The columns of {spec.name} have units of their own and are standardised. "
            f"Received: scaling={spec.scaling!r}"
        )


def _split(count: int, spec: DataSpec) -> dict[str, np.ndarray]:
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    order = np.random.RandomState(spec.split_seed).permutation(count)
    # Rounded first: 0.07 * 100 is a little above 7.
    test = math.ceil(round(spec.test_fraction * count, 6))
    val = math.ceil(round(spec.val_fraction * count, 6))
    train = order[test + val :]
    if spec.limit_train is not None and spec.limit_train > len(train):
        raise DataError(
            f"limit_train (--limit-train) must be at most {len(train)}, the training rows of "
            f"{spec.name}. Received: limit_train={spec.limit_train}"
        )
    if len(train) < 2:
        raise DataError(f"{spec.name} has too few rows, {count}, to be split in three.")
    return {
        "train": train[: spec.limit_train],
        "unused": train[spec.limit_train or len(train) :],
        "val": order[test : test + val],
        "test": order[:test],
    }
