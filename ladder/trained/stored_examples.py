"""Raw inputs to try a run's model on: those that it has kept, or random ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...data.table_columns import TableColumn, TableColumns
from ...runs.run_folder import Run
from ...runs.wrong_images_file import read_wrong_images
from .saved_model import data_of, shape_of

# How many to draw if a run has kept none: it is on a table, or predicts no image wrongly.
_DRAWN = 16


def stored_examples(run: Run) -> np.ndarray:
    """Returns the validation images that the run predicts wrongly, or else draws like its data.

    Returns:
        (n, ...) raw pixels, values, or ids of tokens and categories, float32; n is above 0.

    Raises:
        ReportError: if the file of the images is damaged.
    """
    data = data_of(run)
    images = list(read_wrong_images(run.folder).values())
    if not images:
        return _drawn_rows(data) if "table" in data else _drawn(data)
    low, high = data["value_range"]
    # They are kept as bytes, to which that range was stretched.
    return (np.stack(images) / 255 * (high - low) + low).astype(np.float32)


def _drawn(data: Mapping[str, Any]) -> np.ndarray:
    low, high = data["value_range"]
    draws = np.random.default_rng(0)
    examples = draws.uniform(low, high, (_DRAWN, *shape_of(data))).astype(np.float32)
    return np.trunc(examples) if "vocabulary" in data else examples


def _drawn_rows(data: Mapping[str, Any]) -> np.ndarray:
    """Returns rows, or windows of rows, whose columns lie where those of the training data do.

    Far from there a network gives the same output for everything, which would hide faults.
    """
    table, draws = data["table"], np.random.default_rng(0)
    parts = [
        _drawn_column(column, (_DRAWN, *shape_of(data)[:-1]), draws)
        for column in TableColumns.from_dict(table).columns
    ]
    scaled, scaling = np.concatenate(parts, axis=-1), table["scaling"]
    # Categories have scale 1 and offset 0, so they stay the same.
    return ((scaled - scaling["offset"]) / scaling["scale"]).astype(np.float32)


def _drawn_column(
    column: TableColumn, shape: tuple[int, ...], draws: np.random.Generator
) -> np.ndarray:
    """Returns draws of a column: standardised numbers, or its categories, (*shape, width)."""
    if column.categories is None:
        return draws.normal(size=(*shape, 1))
    if column.is_embedded:
        return draws.integers(column.codes, size=(*shape, 1))
    return np.eye(column.width)[draws.integers(column.width, size=shape)]
