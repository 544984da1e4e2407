"""Data as a ladder in Python takes them: by name, as a spec, as a data set or as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..data import DataError, Dataset, DataSpec, from_arrays
from ..data.same_data import same_data
from ..data.spec import ARRAYS
from ..training.errors import LadderError
from .ladder_file import BUILT_IN

_ARRAYS_ARE = "Give arrays as a tuple (x, y) or (x, y, x_test, y_test)"


def given_data(data: Any) -> tuple[Dataset | None, DataSpec]:
    """Returns the data set if it is in memory, otherwise None, and the spec that names the data.

    Raises:
        DataError: for data that cannot be used.
        LadderError: for anything that is no data, saying what to write instead.
    """
    if isinstance(data, list | tuple):
        data = _of_arrays(data)
    if isinstance(data, Dataset):
        return data, DataSpec(ARRAYS)
    if isinstance(data, DataSpec):
        return None, data
    if isinstance(data, str):
        return None, _named(data)
    raise LadderError(
        "A ladder's data are a name, such as 'digits', a DataSpec, a Dataset or arrays with their "
        f"labels. {_ARRAYS_ARE}. Received: {type(data).__name__}"
    )


def over_files_data(held: DataSpec, given: Any, spec: DataSpec) -> DataSpec:
    """Returns the file's data settings if the name of the file's data is given, otherwise `spec`.

    The file's own limits and splits hold for the data that the file names, and for no others.

    Args:
        held: the data settings of the ladder's file.
        given: the data, as `given_data` takes them.
        spec: the spec of the given data.
    """
    return held if isinstance(given, str) and same_data(given, held.name) else spec


def _of_arrays(arrays: Sequence[Any]) -> Dataset:
    if len(arrays) not in (2, 4) or any(isinstance(one, tuple) for one in arrays):
        held = ", ".join(type(one).__name__ for one in arrays)
        raise LadderError(
            f"{_ARRAYS_ARE}; from_arrays of trickbook.data takes validation arrays too. "
            f"Received: ({held})"
        )
    return from_arrays(*arrays)


def _named(name: str) -> DataSpec:
    try:
        return DataSpec(name)
    except DataError:
        if name not in BUILT_IN and not name.endswith(".toml"):
            raise
    raise LadderError(
        f"{name!r} is a ladder, but Ladder takes data first. Write Ladder.from_file({name!r})."
    )
