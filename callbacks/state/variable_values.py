"""The values of variables, kept while training changes them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np


def values_of(variables: Iterable[Any]) -> list[np.ndarray]:
    """A NumPy copy of the value of each Keras variable."""
    # Without np.array it is, on some backends, a view of what the next step changes.
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]


@contextmanager
def values_kept(variables: Sequence[Any]) -> Iterator[None]:
    """Leave the variables as they were."""
    before = values_of(variables)
    try:
        yield
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
