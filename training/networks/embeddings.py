"""The learnt vectors that stand for tokens and categories, in front of any base network."""

from __future__ import annotations

from typing import Any

import keras

from ...layers import CategoryEmbedding
from ...recipes import Blueprint
from .input_kind import InputKind
from .seeded import drawn_for

_NAME = "embedding"


def embedded(inputs: Any, kind: InputKind, blueprint: Blueprint, seed: int) -> Any:
    """Returns the inputs with vectors in place of ids and codes; other inputs as they are.

    Args:
        inputs: (n, steps) for tokens, (n, ..., columns) for a table.
        kind: what the inputs are.
        blueprint: its embedding_size is the length of a token's vector.
        seed: seed of the run.
    """
    with drawn_for(seed, _NAME):
        if kind.vocabulary is not None:
            tokens = keras.layers.Embedding(
                kind.vocabulary,
                blueprint.embedding_size,
                # With a mask, recurrent layers skip padding, id 0. Dense layers use every place,
                # and Keras warns if layers lose a mask.
                mask_zero=blueprint.base != "fully_connected",
                name=_NAME,
            )
            return tokens(inputs)
        if kind.category_sizes:
            layer = CategoryEmbedding(kind.category_sizes, kind.embedding_sizes, name=_NAME)
            return layer(inputs)
    return inputs
