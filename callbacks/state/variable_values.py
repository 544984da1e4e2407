"""The values of variables and tensors in NumPy, and restoring them after training."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np


def values_of(variables: Iterable[Any]) -> list[np.ndarray]:
    """A NumPy copy of the value of each Keras variable."""
    # Without np.array it is, on some backends, a view of memory that the next step changes. Where
    # TensorFlow keeps a metric's variable on each of several devices, its value is no array itself.
    return [np.array(variable.numpy()) for variable in variables]


def in_numpy(value: Any) -> Any:
    """A tensor or a variable as an array, or as a number if it holds a single one.

    Anything else is returned unchanged.
    """
    if not (keras.ops.is_tensor(value) or isinstance(value, keras.Variable)):
        return value
    dtype = keras.backend.standardize_dtype(value.dtype)
    if "float" in dtype and not hasattr(np, dtype):
        # NumPy has no bfloat16 or float8; float32 holds all of their values exactly.
        value = keras.ops.cast(value, "float32")
    array = np.asarray(keras.ops.convert_to_numpy(value))
    return array if array.shape else array.item()


@contextmanager
def values_kept(variables: Sequence[Any]) -> Iterator[None]:
    """Leave the variables as they were."""
    before = values_of(variables)
    try:
        yield
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
