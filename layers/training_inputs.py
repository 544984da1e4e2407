"""Checking the training inputs that layers are fitted on."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


def training_inputs(who: str, inputs: Any, axes: int | None = None) -> np.ndarray:
    """Returns training inputs as an array.

    Args:
        who: name of the layer that is to be fitted.
        inputs: an array or tensor, or a list of them, (n, ...).
        axes: how many axes the array must have; None: two or more.

    Raises:
        ValueError: for anything else, such as a data set, and for an empty array.
    """
    is_array = hasattr(inputs, "shape") or isinstance(inputs, list | tuple)
    if is_array and keras.ops.is_tensor(inputs):
        inputs = keras.ops.convert_to_numpy(inputs)
    found = np.asarray(inputs if is_array else None)
    if found.size == 0 or found.ndim < 2 or axes not in (None, found.ndim):
        shape = "(n, ...)" if axes is None else "(n, height, width, channels)"
        raise ValueError(
            f"{who}.adapt takes training inputs, one or more, as an array of shape {shape}. For a "
            "data set of (x, y) batches give np.concatenate([x for x, _ in dataset]). Received: "
            f"inputs={type(inputs).__name__}{f' of shape {found.shape}' if is_array else ''}"
        )
    return found
