"""One file that holds nested values and arrays, written at once."""

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
    """Write `state` to `path`, which is as it was until the new file is whole and on the disk.

    Args:
        path: Of an .npz file; its folder is made.
        state: Nested dicts with text keys, lists and tuples of texts, numbers, None, and arrays of
            NumPy's or the backend's. Tuples come back as lists, tensors as numbers or arrays.

    Raises:
        OSError: The folder cannot be written, or the disk is full.
        TypeError: `state` holds something else.
    """
    arrays: dict[str, Any] = {}
    text = json.dumps(_without_arrays(state, arrays))
    # Straight to the file: a large model need not be held in memory twice.
    with (
        at_once(path, temporary_name=f".{path.name}.tmp", lasting=True) as temporary,
        temporary.open("wb") as file,
    ):
        np.savez(file, allow_pickle=False, **{_VALUES: np.array(text)}, **arrays)


def read_state(path: Path) -> dict[str, Any]:
    """Read what `write_state` wrote.

    Raises:
        OSError: The file cannot be read, for instance as there is none.
        SavedStateError: The file is of another kind, or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return _with_arrays(json.loads(str(file[_VALUES])), file)
    except (OSError, MemoryError):
        raise  # The file may be whole.
    # Damage shows itself in many types, from zip's to JSON's.
    except Exception as error:
        raise SavedStateError(f"{path} is damaged, or no saved state ({error}).") from error


def _without_arrays(value: Any, arrays: dict[str, Any]) -> Any:
    """`value` with its arrays taken out into `arrays`, so that JSON can hold it."""
    value = in_numpy(value)
    if isinstance(value, dict):
        return {str(key): _without_arrays(item, arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_arrays(item, arrays) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        name = f"array{len(arrays)}"
        # NumPy's files know no bfloat16 or float8; float32 holds each of their values.
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
