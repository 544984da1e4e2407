"""What a network is fed with: numbers, token ids, or a table's numbers and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...data import Dataset

# The longest vector that stands for a category.
_LONGEST = 50


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

    @property
    def embedding_sizes(self) -> tuple[int, ...]:
        """Lengths of the vectors that stand for categories, one for each column of codes.

        min(50, (k + 1) // 2) for k codes: fast.ai's rule of thumb, from its course of 2018.
        """
        return tuple(min(_LONGEST, (size + 1) // 2) for size in self.category_sizes if size)

    def embedded_shape(self, token_size: int) -> tuple[int, ...]:
        """Returns the shape that a base network gets, tokens as vectors of `token_size` numbers."""
        if self.vocabulary is not None:
            return (*self.shape, token_size)
        if not self.category_sizes:
            return self.shape
        numbers = self.category_sizes.count(0)
        return (*self.shape[:-1], numbers + sum(self.embedding_sizes))
