"""What the inputs of a network are: numbers, token ids, or a table's numbers and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...data import Dataset

# The longest vector that stands for a category.
_LONGEST = 50


@dataclass(frozen=True)
class InputKind:
    """What the examples of a data set are, as far as a network needs to know.

    Attributes:
        shape: shape of an example: (height, width, channels), (steps, features), (steps,) for
            tokens, or (columns,).
        vocabulary: number of token ids, of which 0 is padding; None: the inputs are not tokens.
        category_sizes: one entry for each column of a table whose categories are embedded: 0 for a
            column of numbers, k for a column of codes 0..k-1; () if no categories are embedded.
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
        """Returns the same as `of`, from a data set's summary as kept in run.json."""
        shape = summary.get("image_shape") or summary["input_shape"]
        sizes = summary.get("category_sizes", ())
        return cls(tuple(shape), summary.get("vocabulary"), tuple(sizes))

    @property
    def embedding_sizes(self) -> tuple[int, ...]:
        """Lengths of the vectors that stand for categories, one per column of codes.

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
