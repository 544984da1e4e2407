"""Mixes images with others of their batch, and their labels in the same way."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Mixing(Protocol):
    """What mixes images in pairs; it needs `draws` draws per image."""

    draws: int

    def __call__(self, images: Any, partners: Any, draws: Any) -> tuple[Any, Any]:
        """Returns the mixed images and the share of each label that stays its own, (n,)."""


def mixed(mixing: Mixing, images: Any, labels: Any, draws: Any, batch_size: int) -> tuple[Any, Any]:
    """Returns images and labels, each mixed with the next of its batch, the last with the first.

    The order of a batch is random, so the next image can be any other.

    Args:
        mixing: how to mix.
        images: images of one batch, or of several one after the other, (n, ...).
        labels: shares of the classes, (n, classes), floating.
        draws: uniform draws in 0..1, (n, `mixing.draws`).
        batch_size: images per batch.
    """
    from keras import ops

    images, shares = mixing(images, _next_ones(images, batch_size), draws)
    own = ops.expand_dims(shares, -1)
    return images, own * labels + (1.0 - own) * _next_ones(labels, batch_size)


def with_partners(places: np.ndarray, order: np.ndarray, batch_size: int) -> np.ndarray:
    """Returns each place followed by the place of the image that it is mixed with, (2n,).

    An image of the remainder, which is in no batch, is followed by itself.

    Args:
        places: places of images in the training set.
        order: the order in which the epoch shows all images.
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
