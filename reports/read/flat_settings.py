"""Nested settings, such as a blueprint's, as pairs of a dotted name and a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# What only keeps the places of a blueprint in order.
_UNSAID = ("recipe", "order")


def flat_settings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """`optimizer.class`, `dense`: each with its text; what is empty or None is left out."""
    if isinstance(value, Mapping):
        for key, held in value.items():
            yield from flat_settings(held, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for place, held in enumerate(value):
            yield from flat_settings(held, f"{name}.{place}")
    elif value not in (None, []):
        yield name, str(value)


def setting_differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """`learning_rate: 0.001 -> 0.003` for each setting in which the second is another."""
    one, other = dict(flat_settings(first)), dict(flat_settings(second))
    names = [name for name in {**one, **other} if name.rpartition(".")[2] not in _UNSAID]
    return [
        f"{name.replace('.arguments', '')}: {one.get(name, 'none')} -> {other.get(name, 'none')}"
        for name in names
        if one.get(name) != other.get(name)
    ]
