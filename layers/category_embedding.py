"""Columns of numbers and of category codes, as numbers that a network can compute with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from ..argument_checks import is_whole


@keras.saving.register_keras_serializable(package="trickbook")
class CategoryEmbedding(keras.layers.Layer):
    """Replaces category codes by learnt vectors, and passes the columns of numbers on.

    The output has the columns of numbers first, then the vectors of each column of codes, both in
    their original order. Codes are read before anything is rounded to half precision, in which some
    whole numbers, such as 257 in bfloat16, do not exist.

    Args:
        category_sizes: one number for each column: 0 for a column of numbers, k for a column of
            codes from 0 to k - 1.
        embedding_sizes: length of the vectors, one number for each column of codes.

    Call arguments:
        inputs: (n, ..., columns).

    Source:
        Guo and Berkhahn 2016, Entity Embeddings of Categorical Variables.
    """

    def __init__(
        self, category_sizes: Sequence[int], embedding_sizes: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.category_sizes, self.embedding_sizes = tuple(category_sizes), tuple(embedding_sizes)
        counts = [size for size in self.category_sizes if size]
        if not all(is_whole(size, 0) for size in self.category_sizes) or (
            [is_whole(size, 1) for size in self.embedding_sizes] != [True] * len(counts)
        ):
            raise ValueError(
                "CategoryEmbedding takes a number of categories for each column (0 for a column of "
                "numbers), and a vector length for each number that is not 0. "
                f"Received: category_sizes={category_sizes!r}, embedding_sizes={embedding_sizes!r}"
            )
        self.autocast = False
        self._embeddings = [
            keras.layers.Embedding(count, size, name=f"embedding{number}", dtype=self.dtype_policy)
            for number, (count, size) in enumerate(
                zip(counts, self.embedding_sizes, strict=True), 1
            )
        ]

    def build(self, input_shape: Any) -> None:
        """Makes the vectors.

        Raises:
            ValueError: if the inputs have another number of columns than `category_sizes`.
        """
        if input_shape[-1] != len(self.category_sizes):
            raise ValueError(
                f"CategoryEmbedding was made for {len(self.category_sizes)} columns. Received: "
                f"inputs of shape {tuple(input_shape)}"
            )
        for embedding in self._embeddings:
            embedding.build(input_shape[:-1])

    def call(self, inputs: Any) -> Any:
        """Returns (n, ..., columns of numbers + lengths of all vectors)."""
        of_numbers = [place for place, size in enumerate(self.category_sizes) if not size]
        of_codes = [place for place, size in enumerate(self.category_sizes) if size]
        numbers = [
            ops.cast(inputs[..., place : place + 1], self.compute_dtype) for place in of_numbers
        ]
        vectors = [
            embedding(inputs[..., place])
            for place, embedding in zip(of_codes, self._embeddings, strict=True)
        ]
        return ops.concatenate([*numbers, *vectors], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the output."""
        numbers = self.category_sizes.count(0)
        return (*input_shape[:-1], numbers + sum(self.embedding_sizes))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        sizes = {"category_sizes": self.category_sizes, "embedding_sizes": self.embedding_sizes}
        return {**super().get_config(), **sizes}
