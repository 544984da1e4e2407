"""The order of an epoch's images and the draws of their transforms, alike on every backend."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .mixed_batches import Mixing
    from .pipeline import Transform

# For each transform: how many draws it takes per image, and the places of those that alternate.
Columns = tuple[tuple[int, tuple[int, ...]], ...]


def order_of_epoch(seed: int, epoch: int, count: int) -> np.ndarray:
    """Returns the places of all images in the order in which the epoch shows them, (n,) int32."""
    return np.random.default_rng((seed, epoch)).permutation(count).astype(np.int32)


def drawing(transforms: Sequence[Transform], mixing: Mixing | None) -> list[Transform | Mixing]:
    """Returns everything that needs draws: the transforms, and last the mixing, if there is any."""
    return [*transforms, *([] if mixing is None else [mixing])]


def draw_table(
    transforms: Sequence[Transform | Mixing], seed: int, epoch: Any, count: int
) -> list[Any]:
    """Returns, for each of the transforms, every image's draws of an epoch, (n, draws) in 0..1.

    A draw is a function of (seed, epoch, image) and of the transform's class, with its number where
    several are of one class. So the draws of a trick do not depend on the tricks around it. Draws
    in a transform's `alternating_columns`, if it has any, alternate from their value in epoch 0.

    Args:
        transforms: the transforms, and the mixing if there is any.
        seed: seed of the run, 0 or above.
        epoch: counted from 0, a whole number or a scalar tensor.
        count: number of training images, n.
    """
    from ...layers.threefry import word

    keys = [word(key) for key in draw_keys(transforms, seed)]
    return keyed_table(columns_of(transforms), keys, epoch, count)


def draw_keys(transforms: Sequence[Transform | Mixing], seed: int) -> list[int]:
    """Returns the number that each transform's draws are a function of, in 0..2**32-1."""
    seen: Counter[str] = Counter()
    keys = []
    for transform in transforms:
        name = type(transform).__name__
        keys.append(zlib.crc32(f"{seed}/{name}/{seen[name]}".encode()))
        seen[name] += 1
    return keys


def columns_of(transforms: Sequence[Transform | Mixing]) -> Columns:
    """Returns how many draws each transform takes, and which of them alternate."""
    return tuple(
        (transform.draws, tuple(getattr(transform, "alternating_columns", ())))
        for transform in transforms
    )


def keyed_table(columns: Columns, keys: Sequence[Any], epoch: Any, count: int) -> list[Any]:
    """Returns the draw table of transforms with such columns.

    Args:
        columns: as `columns_of` returns them.
        keys: one per transform, each a word of `layers/threefry.py`.
        epoch: counted from 0, a whole number or a scalar tensor.
        count: number of training images, n.
    """
    from keras import ops

    from ...layers.draws import alternating_draws, keyed_draws

    places = ops.arange(count, dtype="int32")
    table = []
    for (width, alternating), key in zip(columns, keys, strict=True):
        draws = keyed_draws(key, epoch, places, width)
        for column in alternating:
            first = keyed_draws(key, 0, places, column + 1)[:, column:]
            turned = alternating_draws(first, epoch)
            draws = ops.concatenate([draws[:, :column], turned, draws[:, column + 1 :]], axis=1)
        table.append(draws)
    return table
