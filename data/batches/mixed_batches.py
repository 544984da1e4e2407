"""Images mixed with others of their batch, and their labels alike."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Mixing(Protocol):
    """What mixes images in pairs; it needs `draws` draws per image."""

    draws: int

    def __call__(self, images: Any, partners: Any, draws: Any) -> tuple[Any, Any]:
        """Returns the mixed images and the share of each label that stays its own, (n,)."""


def mixed(mixing: Mixing, images: Any, labels: Any, draws: Any, batch_size: int) -> tuple[Any, Any]:
    """Returns images mixed each with the next of its batch, the last with the first.

    The order of a batch is random, so its next image is any other.

    Args:
        mixing: how.
        images: of one batch or of several one after the other, (n, ...).
        labels: shares of the classes, (n, classes), floating.
        draws: uniform draws in 0..1, (n, `mixing.draws`).
        batch_size: images per batch.
    """
    from keras import ops

    images, shares = mixing(images, _next_ones(images, batch_size), draws)
    own = ops.expand_dims(shares, -1)
    return images, own * labels + (1.0 - own) * _next_ones(labels, batch_size)


def with_partners(places: np.ndarray, order: np.ndarray, batch_size: int) -> np.ndarray:
    """Returns each of the places followed by that of the image it is mixed with, (2n,).

    An image of the remainder, which comes in no batch, is followed by itself.

    Args:
        places: of images in the training set.
        order: in which the epoch shows them all.
        batch_size: images per batch.
    """
    batches = order[: len(order) // batch_size * batch_size].reshape(-1, batch_size)
    partners = np.arange(len(order))
    partners[batches] = np.roll(batches, -1, axis=1)
    return np.stack([places, partners[places]], axis=1).ravel()


def _next_ones(values: Any, batch_size: int) -> Any:
    from keras import ops

    batches = ops.reshape(values, (-1, batch_size, *values.shape[1:]))
    return ops.reshape(ops.roll(batches, -1, axis=1), (-1, *values.shape[1:]))
