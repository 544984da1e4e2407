"""Examples that two parts of a data set have in common, by which figures are too optimistic."""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..runs.example_word import example_word
from .complete_parts import SPLITS
from .dataset import Dataset
from .image_checks import duplicate_warnings

_OF_VALUES = "value for value, target included"
_ALIKE = {
    "images": "pixel for pixel",
    "sequences": "step for step",
    "rows": _OF_VALUES,
    "windows": _OF_VALUES,
}
#: What is said of examples in two parts, or of those of validation.
_OF_PARTS = re.compile(rf" also occur, |\bvalidation ({'|'.join(_ALIKE)})\b")


def repeat_warnings(
    arrays: Mapping[str, np.ndarray], examples: str, names: Mapping[str, str] = SPLITS
) -> tuple[str, ...]:
    """Return a sentence for each two parts with examples in common, with their number.

    Args:
        arrays: Inputs and labels, as `x_train` and `y_train`.
        examples: What they are: `images`, `sequences`, `rows` or `windows`.
        names: What the parts to compare are called, by the ends of the arrays' names.
    """
    alike = _ALIKE[examples]
    parts = {}
    for split, name in names.items():
        inputs = np.asarray(arrays[f"x_{split}"])
        if alike == _OF_VALUES:
            rows = inputs.reshape(len(inputs), -1)
            # As the inputs are: class numbers would else make float64 of all.
            labels = np.asarray(arrays[f"y_{split}"]).astype(rows.dtype)
            inputs = np.column_stack([rows, labels])
        parts[name] = inputs
    return duplicate_warnings(parts, examples, alike)


def with_other_parts(data: Dataset, names: Mapping[str, str]) -> Dataset:
    """Return a data set whose parts are no longer those that its warnings tell of.

    What they say of validation examples, and of examples in two parts, is left out, and the latter
    is said of the parts that there are.

    Args:
        data: With its new parts.
        names: What these are called, by the ends of the arrays' names.
    """
    kept = tuple(text for text in data.warnings if not _OF_PARTS.search(text))
    arrays = {
        f"{kind}_{split}": getattr(data, f"{kind}_{split}") for kind in "xy" for split in names
    }
    examples = f"{example_word(data.summary())}s"
    return replace(data, warnings=(*repeat_warnings(arrays, examples, names), *kept))
