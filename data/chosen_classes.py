"""Keeps some of a data set's classes and numbers them anew."""

from dataclasses import replace

import numpy as np

from .errors import DataError, listed
from .nearest_name import nearest_name
from .sources.part import Part
from .table_target import TableTarget


def only_classes(
    parts: dict[str, Part], classes: tuple[str, ...], wanted: tuple[str, ...], name: str
) -> dict[str, Part]:
    """Return the examples of the wanted classes, which are numbered in the order given.

    Raises:
        DataError: If there is no such class, naming the nearest.
    """
    numbers = new_numbers(classes, wanted, name)
    chosen = {}
    for split, part in parts.items():
        labels = numbers[part.labels]
        places = np.flatnonzero(labels >= 0)
        chosen[split] = Part(part.inputs[places], labels[places])
    return chosen


def only_target_classes(
    target: TableTarget, wanted: tuple[str, ...], name: str
) -> tuple[np.ndarray, TableTarget]:
    """Return the places of the wanted classes in a table's target, and the target there.

    Raises:
        DataError: If the target holds numbers, or there is no such class, naming the nearest.
    """
    if not target.classes:
        raise DataError(
            f"classes (--classes) chooses classes to keep, but the target of {name} holds numbers. "
            "Leave it out."
        )
    labels = new_numbers(target.classes, wanted, name)[target.labels]
    places = np.flatnonzero(labels >= 0)
    return places, replace(target, labels=labels[places], classes=wanted)


def new_numbers(classes: tuple[str, ...], wanted: tuple[str, ...], name: str) -> np.ndarray:
    """Return each class's place among the wanted ones, -1 if it is not wanted: (classes,) int32.

    Raises:
        DataError: If there is no such class, naming the nearest.
    """
    numbers = np.full(len(classes), -1, np.int32)
    for number, one in enumerate(wanted):
        if one not in classes:
            raise DataError(
                f"{name} has no class {one!r} to keep (classes).{nearest_name(one, classes)} "
                f"It has: {listed(classes, 20)}."
            )
        numbers[classes.index(one)] = number
    return numbers


def classes_note(classes: tuple[str, ...], kept: tuple[str, ...]) -> str:
    """Return a note on which classes are kept."""
    return f"Of {len(classes)} classes only these are kept: {listed(kept, 20)}."
