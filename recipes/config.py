"""The class and the arguments of a Keras object, as plain hashable values."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import RecipeError


class _FrozenMapping(tuple[tuple[str, Any], ...]):
    """A mapping as sorted pairs."""


def _freeze(value: Any) -> Any:
    """Turns lists into tuples and mappings into sorted pairs, so that the value can be hashed."""
    if isinstance(value, Mapping):
        return _FrozenMapping(sorted((key, _freeze(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(_freeze(item) for item in value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    raise TypeError(
        "A blueprint takes plain values only (text, numbers, lists of them). "
        f"Received: {value!r} of type {type(value).__name__}"
    )


def frozen_arguments(arguments: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Returns keyword arguments as sorted (name, plain value) pairs.

    Raises:
        TypeError: for a value that is not plain.
    """
    frozen: _FrozenMapping = _freeze(arguments)
    return frozen


def _thaw(value: Any) -> Any:
    """Turns frozen mappings back into dictionaries, as some Keras layers take their parts."""
    if isinstance(value, _FrozenMapping):
        return {key: _thaw(item) for key, item in value}
    return tuple(_thaw(item) for item in value) if isinstance(value, tuple) else value


@dataclass(frozen=True, eq=False)
class Config:
    """What is needed to make one Keras object (a layer, an optimizer, a schedule).

    Recipes hold configs instead of objects: a config can be hashed, compared and written to
    JSON, and making it imports nothing, so the process that plans runs never loads a backend.

    Args:
        path: `"package.module:Class"`, for instance `"keras.layers:Dropout"`.
        arguments: keyword arguments of the class as sorted (name, plain value) pairs;
            `Config.of` makes them from keywords.
    """

    path: str
    arguments: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, path: str, /, **arguments: Any) -> Config:
        """Returns the config of the class at `path` with the given keyword arguments."""
        if ":" not in path:
            raise ValueError(f"A config's path must read 'module:Class'. Received: path={path!r}")
        return cls(path, frozen_arguments(arguments))

    def __eq__(self, other: object) -> bool:
        # As in fingerprints, where 1, 1.0 and True differ; to Python they are equal.
        return isinstance(other, Config) and self._text() == other._text()

    def __hash__(self) -> int:
        return hash(self._text())

    def _text(self) -> str:
        return json.dumps(self.to_dict(), sort_keys=True)

    @property
    def class_name(self) -> str:
        """The name of the class without its module."""
        return self.path.partition(":")[2]

    def build(self, **more: Any) -> Any:
        """Imports the class and returns an instance, with `more` keyword arguments added.

        Raises:
            RecipeError: if there is no such class, or it refuses the arguments.
        """
        try:
            return self.load()(**{**self.keywords(), **more})
        except (RecipeError, MemoryError):
            raise
        # A class of Keras or of a user can refuse its arguments with any exception.
        except Exception as error:
            raise RecipeError(
                f"{self} of {self.path.partition(':')[0]} cannot be made: "
                f"{type(error).__name__}: {error}"
            ) from error

    def load(self) -> Any:
        """Imports the class and returns it."""
        module, _, name = self.path.partition(":")
        return getattr(importlib.import_module(module), name)

    def to_dict(self) -> dict[str, Any]:
        """Returns the config as a JSON-serialisable dictionary."""
        return {"class": self.path, "arguments": self.keywords()}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Config:
        """Returns the config that `to_dict` wrote."""
        return cls.of(value["class"], **value["arguments"])

    def keywords(self) -> dict[str, Any]:
        """Returns the arguments by name, lists as tuples."""
        return {name: _thaw(value) for name, value in self.arguments}

    def difference(self, below: Config) -> str:
        """Returns in words what this config changes compared with `below`."""
        if self.path != below.path:
            return f"{below} -> {self}"
        before, after = dict(below.arguments), dict(self.arguments)
        changes = [
            _change(name, before.get(name), after.get(name))
            for name in sorted(before.keys() | after.keys())
            if repr(before.get(name)) != repr(after.get(name))
        ]
        return f"{self.class_name} with {', '.join(changes)}"

    def __str__(self) -> str:
        """Names the class and its arguments; for our own classes, only those that are not off."""
        # In other classes, 0 may be far from the default, as in Adam(beta_1=0).
        is_ours = self.path.startswith("trickbook.")
        shown = [
            f"{name}={_short(value)}"
            for name, value in self.arguments
            if value is False or value != 0 or not is_ours
        ]
        return f"{self.class_name}({', '.join(shown)})"


def _change(name: str, before: Any, after: Any) -> str:
    shown = _short(before), _short(after)
    # 1 and 1.0 look alike when shortened.
    old, new = shown if shown[0] != shown[1] else (repr(before), repr(after))
    return f"{name} {old} -> {new}"


def _short(value: Any) -> str:
    if isinstance(value, _FrozenMapping):
        return ", ".join(f"{_short(item)} {key.replace('_', ' ')}" for key, item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
