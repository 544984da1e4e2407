"""Arrays that a caller hands over: told apart from others, and kept apart from the caller's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from .dataset import Dataset


def source_fingerprint(arrays: Iterable[np.ndarray], meaning: list[Any]) -> str:
    """Return the sha256, in hex, over arrays of numbers before they are split.

    Args:
        arrays: Inputs and labels, as they were handed over.
        meaning: What else makes other data of the same numbers, as values that JSON can hold.
    """
    digest = hashlib.sha256(json.dumps(meaning).encode())
    for array in arrays:
        digest.update(f"{array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def kept_apart(data: Dataset, arrays: Iterable[np.ndarray]) -> Dataset:
    """Return the data set with copies of what is still memory of the arrays of its caller.

    Who writes to those later would change what is trained on, under the fingerprint of before.
    """
    given = list(arrays)

    def is_the_callers(array: np.ndarray) -> bool:
        return any(np.may_share_memory(array, one) for one in given)

    held = data.arrays().items()
    copies = {name: array.copy() for name, array in held if is_the_callers(array)}
    return replace(data, **copies)
