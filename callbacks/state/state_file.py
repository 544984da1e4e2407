"""One file that holds nested values and arrays, written atomically."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ...runs.atomic_files import at_once
from .saved_state_error import SavedStateError
from .variable_values import in_numpy

_VALUES = "values"
_ARRAY = "__array__"


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Write `state` to `path`; an earlier file stays until the new one is complete on disk.

    Args:
        path: Path of an .npz file; its folder is created.
        state: Nested dicts with string keys, lists and tuples of strings, numbers, None, and arrays
            of NumPy or the backend. Tuples come back as lists, tensors as numbers or arrays.

    Raises:
        OSError: The folder cannot be written, or the disk is full.
        TypeError: `state` holds something else.
    """
    arrays: dict[str, Any] = {}
    arrays[_VALUES] = np.array(json.dumps(_without_arrays(state, arrays)))
    # Written straight to the file, so that a large model is not held in memory twice.
    with (
        at_once(path, temporary_name=f".{path.name}.tmp", lasting=True) as temporary,
        temporary.open("wb") as file,
    ):
        np.savez(file, **arrays)


def read_state(path: Path) -> dict[str, Any]:
    """Read what `write_state` wrote.

    Raises:
        OSError: The file cannot be read, for instance because it does not exist.
        SavedStateError: The file is of another kind, or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return _with_arrays(json.loads(str(file[_VALUES])), file)
    except (OSError, MemoryError):
        raise  # The file may be whole.
    # Damage raises errors of many types, from zip's to JSON's.
    except Exception as error:
        raise SavedStateError(f"{path} is damaged, or not a saved state ({error}).") from error


def _without_arrays(value: Any, arrays: dict[str, Any]) -> Any:
    """`value` with its arrays moved to `arrays`, so that JSON can hold the rest."""
    value = in_numpy(value)
    if isinstance(value, dict):
        return {str(key): _without_arrays(item, arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_arrays(item, arrays) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "O":  # which would be pickled
            raise TypeError(f"An array of Python objects cannot be saved. Received: {value!r}")
        name = f"array{len(arrays)}"
        # NumPy's files have no bfloat16 or float8; float32 holds all of their values exactly.
        arrays[name] = value.astype(np.float32) if value.dtype.kind == "V" else value
        return {_ARRAY: name}
    return value


def _with_arrays(value: Any, file: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_ARRAY}:
            return file[value[_ARRAY]]
        return {key: _with_arrays(item, file) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_arrays(item, file) for item in value]
    return value
