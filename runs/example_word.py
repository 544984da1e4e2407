"""What an example of a data set is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def example_word(data: Mapping[str, Any]) -> str:
    """Returns `image`, `row` of a table, `window` of its rows, or `sequence`.

    Args:
        data: summary of the data set, as in run.json; without `input_shape`, it is of images.
    """
    if "input_shape" not in data:
        return "image"
    if "table" not in data:
        # Older summaries of tables have only a shape.
        return "sequence" if "vocabulary" in data or len(data["input_shape"]) > 1 else "row"
    return "window" if "windows" in data["table"] else "row"
