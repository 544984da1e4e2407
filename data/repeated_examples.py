"""Examples that two parts of a data set have in common, which makes figures too optimistic."""

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
#: Matches warnings about examples in two parts, or about validation examples.
_OF_PARTS = re.compile(rf" also occur, |\bvalidation ({'|'.join(_ALIKE)})\b")


def repeat_warnings(
    arrays: Mapping[str, np.ndarray], examples: str, names: Mapping[str, str] = SPLITS
) -> tuple[str, ...]:
    """Return a sentence for each two parts with examples in common, with their number.

    Args:
        arrays: Inputs and labels by name, such as `x_train` and `y_train`.
        examples: What they are: `images`, `sequences`, `rows` or `windows`.
        names: What to call the parts to compare, by the ends of their arrays' names.
    """
    alike = _ALIKE[examples]
    parts = {}
    for split, name in names.items():
        inputs = np.asarray(arrays[f"x_{split}"])
        if alike == _OF_VALUES:
            rows = inputs.reshape(len(inputs), -1)
            # In the inputs' type: class numbers would otherwise turn all of it into float64.
            labels = np.asarray(arrays[f"y_{split}"]).astype(rows.dtype)
            inputs = np.column_stack([rows, labels])
        parts[name] = inputs
    return duplicate_warnings(parts, examples, alike)


def with_other_parts(data: Dataset, names: Mapping[str, str]) -> Dataset:
    """Return a data set with warnings that fit its new parts.

    Warnings about validation examples and about examples in two parts are left out; those about
    examples in two parts are made anew for the new parts.

    Args:
        data: The data set, with its new parts and the warnings about the old ones.
        names: What to call the new parts, by the ends of their arrays' names.
    """
    kept = tuple(text for text in data.warnings if not _OF_PARTS.search(text))
    arrays = {
        f"{kind}_{split}": getattr(data, f"{kind}_{split}") for kind in "xy" for split in names
    }
    examples = f"{example_word(data.summary())}s"
    return replace(data, warnings=(*repeat_warnings(arrays, examples, names), *kept))
