"""A Keras object that a recipe placed in a blueprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .config import Config
from .errors import RecipeError

_AS = 'as Slot("name", Config.of("module:Class", argument=value))'


@dataclass(frozen=True)
class Slot:
    """A Keras object that a recipe placed in a blueprint.

    Args:
        recipe: name of the recipe that filled the slot; the same recipe applied again replaces it.
        config: the object to make there.
        order: where several objects share a place, lower comes first, whatever the order in
            which their recipes were applied.
    """

    recipe: str
    config: Config
    order: int = 50

    def to_dict(self) -> dict[str, Any]:
        """Returns the slot as a JSON-serialisable dictionary."""
        return {"recipe": self.recipe, "order": self.order, **self.config.to_dict()}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Slot:
        """Returns the slot that `to_dict` wrote."""
        return cls(value["recipe"], Config.from_dict(value), value["order"])

    def __str__(self) -> str:
        return str(self.config)


def checked_slots(name: str, value: Any) -> tuple[Slot, ...]:
    """Returns the slots that are given for a place of several objects, as a tuple.

    Raises:
        RecipeError: naming the place, for anything but a list of slots.
    """
    if not isinstance(value, list | tuple) or not all(isinstance(one, Slot) for one in value):
        raise RecipeError(f"{name} must be a list of slots, {_AS}. Received: {name}={value!r}")
    return tuple(value)


def check_slot(name: str, value: Any) -> None:
    """Refuses what is given for a place of one object if it is neither a slot nor None.

    Raises:
        RecipeError: naming the place.
    """
    if not isinstance(value, Slot | None):
        raise RecipeError(f"{name} must be a slot, {_AS}. Received: {name}={value!r}")


def slots_in(value: Any) -> dict[str, Slot]:
    """Returns the slots that a blueprint's place holds, by their recipes."""
    held = value if isinstance(value, tuple) else (value,)
    return {slot.recipe: slot for slot in held if isinstance(slot, Slot)}


def to_plain(value: Any) -> Any:
    """Returns what a place holds as JSON-serialisable values."""
    if isinstance(value, (Slot, Config)):
        return value.to_dict()
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(value: Any) -> Any:
    """Returns the content of a place from what `to_plain` made of it."""
    if isinstance(value, Mapping):
        return Slot.from_dict(value) if "recipe" in value else Config.from_dict(value)
    if isinstance(value, list):
        return tuple(from_plain(item) for item in value)
    return value
