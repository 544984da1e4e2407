"""The way from a table to a data set: find the target, split, fit the columns, scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .chosen_classes import classes_note, only_target_classes
from .class_checks import unequal_warnings
from .dataset import Dataset, fingerprint
from .errors import DataError, listed
from .fit_columns import fit_columns
from .fitted_scaling import fit_scaling
from .image_checks import duplicate_warnings
from .sources.raw_table import RawTable
from .spec import DataSpec
from .split_table import split_table
from .table_columns import TableColumns
from .table_target import find_target

if TYPE_CHECKING:
    import pandas as pd

_PARTS = {"train": "training", "val": "validation", "test": "test"}


def prepare_table(raw: RawTable, spec: DataSpec) -> Dataset:
    """Return the data set that `spec` describes, made of a table.

    Numbers, those to predict too, are standardised by the training rows; texts are categories of
    the training rows, an input of 0 or 1 each.

    Raises:
        DataError: If the table cannot be trained on, or the spec asks for what only images have.
    """
    _check_spec(spec)
    frame, target = raw.frame, find_target(raw.frame, raw.target, spec.task)
    notes = [*raw.notes, *([target.reason] if spec.kind == "table" and target.reason else [])]
    if spec.classes is not None:
        notes.append(classes_note(target.classes, spec.classes))
        kept, target = only_target_classes(target, spec.classes, spec.name)
        frame = frame.iloc[kept]
    places = split_table(target, spec)
    before, unused = len(places["val"]), places.pop("unused")
    if spec.unused is not None:
        places["val"] = np.concatenate([places["val"], unused])
    columns, left_out = fit_columns(frame, target.name, places["train"], spec.missing)
    inputs = columns.inputs(frame)
    arrays = {f"x_{split}": inputs[chosen] for split, chosen in places.items()}
    arrays |= {f"y_{split}": target.labels[chosen] for split, chosen in places.items()}
    scaling = columns.fit_scaling(arrays["x_train"])
    return Dataset(
        name=spec.name,
        classes=target.classes,
        scaling=scaling,
        fingerprint=fingerprint(arrays, target.classes, scaling),
        warnings=(
            *left_out,
            *_unseen(columns, frame, places),
            *_repeated(arrays),
            *(
                unequal_warnings(arrays["y_train"], target.classes, "rows")
                if target.classes
                else ()
            ),
        ),
        notes=tuple(notes),
        split_seed=spec.split_seed,
        limit_train=spec.limit_train,
        val_in_epochs=None if len(places["val"]) == before else before,
        target_scaling=(
            None if target.classes else fit_scaling("standardize", arrays["y_train"][:, np.newaxis])
        ),
        table=columns,
        ordered=spec.is_ordered,
        **arrays,
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


def _unseen(
    columns: TableColumns, frame: pd.DataFrame, places: dict[str, np.ndarray]
) -> Iterator[str]:
    for split in ("val", "test"):
        for name, texts in columns.unseen(frame.iloc[places[split]]).items():
            yield (
                f"Column {name!r} of {_PARTS[split]} rows holds what no training row has "
                f"({listed(texts)}): none of its categories, all zeros."
            )


def _repeated(arrays: dict[str, np.ndarray]) -> tuple[str, ...]:
    rows = {
        part: np.column_stack([arrays[f"x_{split}"], arrays[f"y_{split}"]])
        for split, part in _PARTS.items()
    }
    return duplicate_warnings(rows, "rows", "value for value, target included")
