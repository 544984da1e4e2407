"""The values of variables, kept while training changes them."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np


def values_of(variables: Iterable[Any]) -> list[np.ndarray]:
    """A NumPy copy of the value of each Keras variable."""
    # Without np.array it is, on some backends, a view of what the next step changes.
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]
