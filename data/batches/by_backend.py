"""The batches of a data set for the backend that Keras runs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import keras
import numpy as np

if TYPE_CHECKING:
    from ..fitted_scaling import Scaling
    from .mixed_batches import Mixing
    from .pipeline import Transform


class TrainingData(Protocol):
    """What `training_batches` returns: batches that are the same for the same seed."""

    steps: int

    def dataset(self, seed: int, *, epochs: int, first_epoch: int = 0) -> Any:
        """Returns the batches of all epochs, one after the other, as `fit` takes them."""

    def look(self, seed: int, places: np.ndarray, epoch: int = 0) -> np.ndarray:
        """Returns the images at `places` as the network sees them in that epoch, scaled."""


def training_batches(
    images: np.ndarray,
    labels: np.ndarray,
    scaling: Scaling,
    *,
    batch_size: int,
    transforms: Sequence[Transform] = (),
    mixing: Mixing | None = None,
) -> TrainingData:
    """Returns scaled, transformed training batches.

    On TensorFlow they come through tf.data; on JAX and PyTorch the data live on the device.

    Args:
        images: training images, (n, height, width, channels), raw.
        labels: class numbers, (n,); for mixing, shares of the classes, (n, classes).
        scaling: applied before the transforms.
        batch_size: images per batch, at most n; each epoch's remainder is dropped.
        transforms: train-only layers, applied in this order.
        mixing: mixes the transformed images of a batch in pairs, and their labels.

    Raises:
        ValueError: for a batch size that leaves no full batch.
    """
    if keras.backend.backend() == "tensorflow":
        from .pipeline import TrainingBatches

        kind: Any = TrainingBatches
    else:
        from .resident import ResidentBatches

        kind = ResidentBatches
    made: TrainingData = kind(
        images, labels, scaling, batch_size=batch_size, transforms=transforms, mixing=mixing
    )
    return made


def evaluation_batches(
    images: np.ndarray, labels: np.ndarray, scaling: Scaling, *, batch_size: int
) -> Any:
    """Returns scaled batches in order, kept in memory; the last one may be smaller.

    Args:
        images: (n, height, width, channels), raw.
        labels: class numbers, (n,).
        scaling: applied to the images.
        batch_size: images per batch.
    """
    if keras.backend.backend() == "tensorflow":
        from . import pipeline

        return pipeline.evaluation_batches(images, labels, scaling, batch_size=batch_size)
    from .resident import ResidentEvaluation

    return ResidentEvaluation(images, labels, scaling, batch_size=batch_size)
