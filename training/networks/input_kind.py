"""What a network is fed with: numbers, token ids, or a table's numbers and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...data import Dataset


@dataclass(frozen=True)
class InputKind:
    """What the examples of a data set are, as far as a network must know it.

    Attributes:
        shape: of an example: (height, width, channels), (steps, features), (steps,) of tokens or
            (columns,).
        vocabulary: number of token ids, 0 being padding; None: the inputs are no tokens.
        category_sizes: one number for each column of a table whose categories are embedded: 0 for
            a number, k for a column of codes 0..k-1; () where none are.
    """

    shape: tuple[int, ...]
    vocabulary: int | None = None
    category_sizes: tuple[int, ...] = ()

    @classmethod
    def of(cls, data: Dataset) -> InputKind:
        """Returns what the examples of a data set are."""
        return cls(data.input_shape, data.vocabulary, data.category_sizes)

    @classmethod
    def of_summary(cls, summary: Mapping[str, Any]) -> InputKind:
        """Returns the same from a data set's summary, as run.json keeps it."""
        shape = summary.get("image_shape") or summary["input_shape"]
        sizes = summary.get("category_sizes", ())
        return cls(tuple(shape), summary.get("vocabulary"), tuple(sizes))
