"""Raw inputs that a run has kept, to try its model on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...runs.run_folder import Run
from ...runs.wrong_images_file import read_wrong_images
from .saved_model import data_of, shape_of

# Drawn where a run has kept none: of a table, or where no validation image is told wrongly.
_DRAWN = 16


def stored_examples(run: Run) -> np.ndarray:
    """Returns the validation images that the run tells wrongly, or else draws of its range.

    Returns:
        (n, ...) raw pixels, values, or ids of tokens and categories, float32; n above 0.

    Raises:
        ReportError: if the file of the images is damaged.
    """
    data = data_of(run)
    images = list(read_wrong_images(run.folder).values())
    if not images:
        return _drawn(data)
    low, high = data["value_range"]
    # They are kept as bytes, stretched from that range.
    return (np.stack(images) / 255 * (high - low) + low).astype(np.float32)


def _drawn(data: Mapping[str, Any]) -> np.ndarray:
    low, high = data["value_range"]
    draws = np.random.default_rng(0)
    examples = draws.uniform(low, high, (_DRAWN, *shape_of(data))).astype(np.float32)
    if "vocabulary" in data:
        return np.trunc(examples)
    for column, size in enumerate(data.get("category_sizes", ())):
        if size:
            examples[:, column] = draws.integers(size, size=_DRAWN)
    return examples
