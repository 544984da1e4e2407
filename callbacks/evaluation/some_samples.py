"""A few samples of many, spread over all of them."""

from typing import Any

import keras
import numpy as np

from .samples import as_array


def some_samples(arrays: Any, count: int, who: str) -> Any:
    """`count` samples, evenly spaced, with the types that `fit` would convert them to.

    Args:
        arrays: An array whose first axis is the samples, or lists, tuples or dicts of such arrays.
        count: How many to take; all where there are no more.
        who: Whose they are, for the error.

    Raises:
        ValueError: There are no samples, or not of each array as many.
    """
    arrays = keras.tree.map_structure(as_array, arrays)
    shapes = [array.shape for array in keras.tree.flatten(arrays)]
    if not shapes or any(not shape or shape[0] != (shapes[0][0] or -1) for shape in shapes):
        few = f"{shapes[:4]} and {len(shapes) - 4:,} more" if len(shapes) > 5 else shapes
        raise ValueError(
            f"{who} needs inputs as the model takes them: an array, or a list or dict of arrays, "
            f"with one sample or more, and as many each. Received: arrays of shapes {few}"
        )
    number = shapes[0][0]
    kept = np.arange(number) if number <= count else np.arange(count) * number // count
    return keras.tree.map_structure(lambda array: _as_floatx(array[kept]), arrays)


def _as_floatx(array: np.ndarray) -> np.ndarray:
    return array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array
