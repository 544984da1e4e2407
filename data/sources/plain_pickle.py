"""Reads pickled arrays and plain values without executing anything.

The official CIFAR batches are pickles, and so are the reviews in Keras's imdb.npz. A pickle is a
program: it can call any function that it can name. This reader gives such a program only the names
that arrays and byte strings are written with, each bound to a stand-in of our own, so that even
NumPy's own state setters never see what the file says.
"""

import io
import pickle
import re
from typing import Any

import numpy as np

from ..errors import DataError

#: Plain numbers and booleans: no objects, no records.
_PLAIN_TYPE = re.compile(r"[biuf][1248]")
#: Objects of any kind; like everything here, they can only be plain values.
_OBJECT_TYPE = re.compile(r"O[48]?")


class _RefusedError(Exception):
    """The pickle names something that is neither an array nor a plain value."""


class _Type:
    """Stands for numpy.dtype."""

    admitted = _PLAIN_TYPE

    def __init__(self, code: str | bytes, *_: Any) -> None:
        self.code = code.decode("ascii") if isinstance(code, bytes) else str(code)
        self.order = "="
        if not self.admitted.fullmatch(self.code):
            raise _RefusedError(f"numpy.dtype({self.code!r})")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1].decode("ascii") if isinstance(state[1], bytes) else state[1]
        self.order = {"<": "<", ">": ">", "|": "|", "=": "="}[order]


class _ObjectType(_Type):
    """Stands for numpy.dtype where an array of objects is asked for."""

    admitted = _OBJECT_TYPE


class _Array:
    """Stands for numpy.ndarray; `values` is the array once its state has been read."""

    values: np.ndarray | list[Any]

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, column_major, data = state
        if kind.code.startswith("O"):
            self.values = list(data)
            return
        flat = np.frombuffer(data, np.dtype(kind.order + kind.code))
        self.values = flat.reshape(shape, order="F" if column_major else "C")


def _new_array(*_: Any) -> _Array:
    """Stands for numpy's _reconstruct, whose state comes after it."""
    return _Array()


def _encode(text: str, encoding: str) -> bytes:
    """Stands for _codecs.encode, with which Python 3 writes bytes in old protocols."""
    if encoding not in ("latin1", "latin-1"):
        raise _RefusedError(f"_codecs.encode(..., {encoding!r})")
    return text.encode("latin1")


_ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("numpy.core.multiarray", "_reconstruct"): _new_array,
    ("numpy._core.multiarray", "_reconstruct"): _new_array,
    ("_codecs", "encode"): _encode,
}


class _PlainUnpickler(pickle.Unpickler):
    admitted = _ADMITTED

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.admitted:
            raise _RefusedError(f"{module}.{name}")
        return self.admitted[module, name]


class _ObjectUnpickler(_PlainUnpickler):
    admitted = _ADMITTED | {("numpy", "dtype"): _ObjectType}


def read_plain_pickle(data: bytes, where: str) -> dict[str, Any]:
    """Return the dictionary that a pickle holds, its keys as text.

    Args:
        data: The whole pickle.
        where: Name of the file, for messages.

    Raises:
        DataError: If the pickle names anything other than arrays and plain values, is cut off or
            corrupt, or holds no dictionary.
    """
    found = _unpickled(_PlainUnpickler, data, where)
    if not isinstance(found, dict):
        raise DataError(f"{where} holds no dictionary, unlike a CIFAR batch. Get it anew.")
    return {_text(key): _unwrap(value) for key, value in found.items()}


def read_plain_objects(data: bytes, where: str) -> list[Any]:
    """Return the elements of a pickled array of objects, such as lists of numbers.

    Args:
        data: The whole pickle.
        where: Name of the file, for messages.

    Raises:
        DataError: If the pickle names anything other than arrays and plain values, is cut off or
            corrupt, or holds no such array.
    """
    found = _unwrap(_unpickled(_ObjectUnpickler, data, where))
    if not isinstance(found, list):
        raise DataError(f"{where} holds no array of objects. Get it anew.")
    return found


def _unpickled(unpickler: type[_PlainUnpickler], data: bytes, where: str) -> Any:
    try:
        return unpickler(io.BytesIO(data), encoding="bytes").load()
    except _RefusedError as refused:
        raise DataError(
            f"{where} was not read, because it asks Python for {refused}, and only arrays and "
            "plain values are admitted. Get the official file anew; do not open this one."
        ) from None
    except Exception as error:  # a damaged pickle can fail in nearly any way
        raise DataError(
            f"{where} is cut off or damaged ({type(error).__name__}: {error}). Get it anew."
        ) from error


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _unwrap(value: Any) -> Any:
    return value.values if isinstance(value, _Array) else value
