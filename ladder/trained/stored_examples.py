"""Raw inputs that a run has kept, to try its model on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...data.table_columns import TableColumn, TableColumns
from ...runs.run_folder import Run
from ...runs.wrong_images_file import read_wrong_images
from .saved_model import data_of, shape_of

# Drawn where a run has kept none: of a table, or where no validation image is told wrongly.
_DRAWN = 16


def stored_examples(run: Run) -> np.ndarray:
    """Returns the validation images that the run tells wrongly, or else draws like its data.

    Returns:
        (n, ...) raw pixels, values, or ids of tokens and categories, float32; n above 0.

    Raises:
        ReportError: if the file of the images is damaged.
    """
    data = data_of(run)
    images = list(read_wrong_images(run.folder).values())
    if not images:
        return _drawn_rows(data) if "table" in data else _drawn(data)
    low, high = data["value_range"]
    # They are kept as bytes, stretched from that range.
    return (np.stack(images) / 255 * (high - low) + low).astype(np.float32)


def _drawn(data: Mapping[str, Any]) -> np.ndarray:
    low, high = data["value_range"]
    draws = np.random.default_rng(0)
    examples = draws.uniform(low, high, (_DRAWN, *shape_of(data))).astype(np.float32)
    return np.trunc(examples) if "vocabulary" in data else examples


def _drawn_rows(data: Mapping[str, Any]) -> np.ndarray:
    """Returns rows, or windows of rows, whose columns lie where those of training do.

    Far from there a network says the same of everything, and a fault would not show.
    """
    table, draws = data["table"], np.random.default_rng(0)
    parts = [
        _drawn_column(column, (_DRAWN, *shape_of(data)[:-1]), draws)
        for column in TableColumns.from_dict(table).columns
    ]
    scaled, scaling = np.concatenate(parts, axis=-1), table["scaling"]
    # Categories have scale 1 and offset 0, so that they stay.
    return ((scaled - scaling["offset"]) / scaling["scale"]).astype(np.float32)


def _drawn_column(
    column: TableColumn, shape: tuple[int, ...], draws: np.random.Generator
) -> np.ndarray:
    """Returns the standardised numbers of a column, or its categories, (*shape, width)."""
    if column.categories is None:
        return draws.normal(size=(*shape, 1))
    if column.is_embedded:
        return draws.integers(column.codes, size=(*shape, 1))
    return np.eye(column.width)[draws.integers(column.width, size=shape)]
