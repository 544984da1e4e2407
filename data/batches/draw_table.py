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


def order_of_epoch(seed: int, epoch: int, count: int) -> np.ndarray:
    """Returns the places of all images in the order in which the epoch shows them, (n,) int32."""
    return np.random.default_rng((seed, epoch)).permutation(count).astype(np.int32)


def draw_table(
    transforms: Sequence[Transform | Mixing], seed: int, epoch: Any, count: int
) -> list[Any]:
    """Returns every image's draws of an epoch for each of the transforms, (n, draws) in 0..1.

    A draw is a function of (seed, epoch, image) and of the transform's class, with its number where
    several are of one class. So a trick draws what it drew without the tricks around it. Those in a
    transform's `alternating_columns`, if it has any, alternate from what they were in epoch 0.

    Args:
        transforms: what is drawn for.
        seed: of the run, 0 or above.
        epoch: counted from 0, a whole number or a scalar tensor.
        count: number of training images, n.
    """
    from keras import ops

    from ...layers import alternating_draws, stateless_draws

    seen: Counter[str] = Counter()
    table = []
    for transform in transforms:
        name = type(transform).__name__
        own = zlib.crc32(f"{seed}/{name}/{seen[name]}".encode())
        seen[name] += 1
        places = ops.arange(count, dtype="int32")
        draws = stateless_draws(own, epoch, places, transform.draws)
        for column in getattr(transform, "alternating_columns", ()):
            first = stateless_draws(own, 0, places, column + 1)[:, column:]
            turned = alternating_draws(first, epoch)
            draws = ops.concatenate([draws[:, :column], turned, draws[:, column + 1 :]], axis=1)
        table.append(draws)
    return table
