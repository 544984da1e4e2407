"""From a table to a data set: find the target, split, fit the columns, scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..runs.free_memory import available_bytes
from .chosen_classes import classes_note, only_target_classes
from .class_checks import alike_warnings, unequal_warnings
from .complete_parts import SPLITS
from .dataset import Dataset, fingerprint
from .errors import DataError, listed
from .fit_columns import fit_columns
from .fitted_scaling import fit_target_scaling
from .repeated_examples import repeat_warnings
from .row_groups import group_warnings
from .row_numbers import row_number_warnings
from .row_order import order_warnings
from .sources.raw_table import RawTable
from .spec import DataSpec
from .split_table import split_table
from .table_columns import TableColumns
from .table_target import TableTarget, find_target
from .table_windows import Windows

if TYPE_CHECKING:
    import pandas as pd


def prepare_table(raw: RawTable, spec: DataSpec) -> Dataset:
    """Return the data set that `spec` describes, made of a table.

    Numbers are scaled by the training rows, each column by its own, and those to predict are
    standardised. Texts become the categories found in the training rows: an input of 0 or 1 for
    each, or a code. With a window, an
    example is the rows before the target's row, with the target's own column among the inputs.

    Raises:
        DataError: If the table cannot be trained on, or the spec asks for what only images have.
    """
    _check_spec(spec)
    frame, target = raw.frame, find_target(raw.frame, raw.target, spec.task)
    windows = None if spec.window is None else Windows(spec.window, spec.horizon or 1)
    notes = [*raw.notes, *([target.reason] if spec.kind == "table" and target.reason else [])]
    rows, target, told = _examples(target, windows, spec)
    places = split_table(target, spec)
    before, unused = len(places["val"]), places.pop("unused")
    if spec.unused is not None:
        places["val"] = np.concatenate([places["val"], unused])
    inputs_of = {
        split: rows[chosen] if windows is None else windows.input_rows(rows[chosen])
        for split, chosen in places.items()
    }
    columns, warnings = fit_columns(
        frame if windows else frame.drop(columns=target.name),
        target.name,
        np.unique(inputs_of["train"]) if windows else inputs_of["train"],
        spec.missing,
        is_embedded=spec.categories == "embedded",
        windows=windows,
    )
    if windows:
        windows.check_size(len(rows), columns.width)
    _check_memory(len(frame), columns)
    inputs = columns.inputs(frame)
    arrays = {f"x_{split}": inputs[chosen] for split, chosen in inputs_of.items()}
    arrays |= {f"y_{split}": target.labels[chosen] for split, chosen in places.items()}
    scaling = columns.fit_scaling(arrays["x_train"], spec.scaling)
    sizes = columns.category_sizes
    return Dataset(
        name=spec.name,
        classes=target.classes,
        scaling=scaling,
        fingerprint=fingerprint(arrays, target.classes, scaling, category_sizes=sizes),
        warnings=(
            *raw.warnings,
            *warnings,
            *_doubts(spec, sizes),
            *row_number_warnings(frame, _inputs_as_numbers(columns), is_ordered=spec.is_ordered),
            *_order_doubts(frame, columns, inputs_of, spec),
            *_unseen(columns, frame, inputs_of),
            *repeat_warnings(arrays, "windows" if windows else "rows"),
            *(
                unequal_warnings(arrays["y_train"], target.classes, "rows")
                if target.classes
                else ()
            ),
            *alike_warnings(target.classes, f"Classes of {target.name!r}"),
        ),
        notes=(*notes, *told),
        split_seed=spec.split_seed,
        limit_train=spec.limit_train,
        val_in_epochs=None if len(places["val"]) == before else before,
        target_scaling=None if target.classes else fit_target_scaling(arrays["y_train"]),
        table=columns,
        ordered=spec.is_ordered,
        category_sizes=sizes,
        **arrays,
    )


def _check_spec(spec: DataSpec) -> None:
    for name, value in (("color", spec.color), ("image_size", spec.image_size)):
        if value is not None:
            raise DataError(f"{name} is for images, and {spec.name} is a table. Leave it out.")


def _check_memory(count: int, columns: TableColumns) -> None:
    """Refuse inputs that memory cannot hold before they are made."""
    # Once as single columns, once more as one array of all of them; 4 bytes per number.
    needed = 2 * count * columns.width * 4
    if needed <= (free := available_bytes()):
        return
    has_one_hot = any(column.categories and not column.is_embedded for column in columns.columns)
    # Categories in windows cannot be embedded.
    embed = "Embed categories, one input a column (--categories embedded), or give"
    way = embed if has_one_hot and columns.windows is None else "Give"
    raise DataError(
        f"{count:,} rows of {columns.width:,} inputs would take {needed / 1e9:.3g} GB of memory, "
        f"and {free / 1e9:.3g} GB are free. {way} fewer rows or columns."
    )


def _examples(
    target: TableTarget, windows: Windows | None, spec: DataSpec
) -> tuple[np.ndarray, TableTarget, tuple[str, ...]]:
    """Return the rows whose target is predicted, (n,), the target there, and notes on them."""
    count, told = len(target.labels), []
    rows = np.arange(count) if windows is None else windows.target_rows(count)
    target = replace(target, labels=target.labels[rows])
    if windows:
        after = "in the row" if windows.horizon == 1 else f"{windows.horizon} rows"
        told.append(
            f"Each of {len(rows):,} examples is a window of {windows.length} rows and predicts "
            f"{target.name!r} {after} after it."
        )
    if spec.classes is not None:
        told.append(classes_note(target.classes, spec.classes))
        kept, target = only_target_classes(target, spec.classes, spec.name)
        rows = rows[kept]
    return rows, target, tuple(told)


def _doubts(spec: DataSpec, category_sizes: tuple[int, ...]) -> Iterator[str]:
    if spec.window is not None and not spec.is_ordered:
        yield (
            "Windows overlap: ordered = false splits them at random, so that rows of validation "
            "and test windows are among those of training windows, and figures are too "
            "optimistic. Leave ordered out to split them in time."
        )
    if spec.categories is not None and not category_sizes:
        yield "No column of the table holds categories that could be embedded."


def _inputs_as_numbers(columns: TableColumns) -> list[str]:
    """Names of the inputs that are numbers, without the target's own past."""
    return [
        column.name
        for column in columns.columns
        if column.categories is None and column.name != columns.target
    ]


def _no_inputs(frame: pd.DataFrame, columns: TableColumns) -> list[str]:
    used = {columns.target, *(column.name for column in columns.columns)}
    return [name for name in frame.columns if name not in used]


def _order_doubts(
    frame: pd.DataFrame, columns: TableColumns, rows: dict[str, np.ndarray], spec: DataSpec
) -> Iterator[str]:
    """Yield warnings about rows whose order means something, or rows that a random split parts."""
    has_windows = columns.windows is not None
    if spec.is_ordered:
        dates, numbers = _no_inputs(frame, columns), _inputs_as_numbers(columns)
        yield from order_warnings(frame, dates, numbers, has_windows=has_windows)
    elif not has_windows:
        names = [name for name in frame.columns if name != columns.target]
        yield from group_warnings(frame, names, rows)


def _unseen(
    columns: TableColumns, frame: pd.DataFrame, rows: dict[str, np.ndarray]
) -> Iterator[str]:
    become = "code 0" if columns.category_sizes else "all zeros"
    constants = {column.name: column.constant for column in columns.columns}
    for split in ("val", "test"):
        for name, texts in columns.unseen(frame.iloc[np.unique(rows[split])]).items():
            number = constants[name]
            what = (
                f"it belongs to none of its categories and becomes {become}"
                if number is None
                else f"in training it is always {number:g}, which gives it no scale. Leave it out"
            )
            yield (
                f"Column {name!r} of {SPLITS[split]} rows holds what no training row has "
                f"({listed(texts)}): {what}."
            )
