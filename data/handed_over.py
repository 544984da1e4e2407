"""Arrays that a caller passes in: their fingerprint, and copies that the caller cannot change."""

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
        arrays: Inputs and labels, as they were passed in.
        meaning: What else distinguishes data with the same numbers, as values that JSON can hold.
    """
    digest = hashlib.sha256(json.dumps(meaning).encode())
    for array in arrays:
        digest.update(f"{array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def kept_apart(data: Dataset, arrays: Iterable[np.ndarray]) -> Dataset:
    """Return the data set with copies of all its arrays that share memory with the caller's.

    Otherwise, writing to those arrays later would change the training data and not the fingerprint.
    """
    given = list(arrays)

    def is_the_callers(array: np.ndarray) -> bool:
        return any(np.may_share_memory(array, one) for one in given)

    held = data.arrays().items()
    copies = {name: array.copy() for name, array in held if is_the_callers(array)}
    return replace(data, **copies)
