"""Some training images as the network sees them, for figures."""

from __future__ import annotations

import io

import numpy as np

from ..callbacks.evaluation.samples import spread_over_classes
from ..data import Dataset
from .phase import Phase

COUNT = 32


def training_samples(phase: Phase, seed: int) -> bytes:
    """Returns an .npz file of images (n, height, width, channels), uint8, and their labels.

    They are spread over the classes and have the transforms of the first epoch applied.

    Args:
        phase: a phase of a training on images.
        seed: seed of the training, 0 or above.
    """
    data = phase.whole.data
    places = spread_places(data, COUNT)
    file = io.BytesIO()
    np.savez_compressed(
        file, images=as_seen(phase, seed, places), labels=np.asarray(data.y_train)[places]
    )
    return file.getvalue()


def spread_places(data: Dataset, most: int) -> np.ndarray:
    """Returns the indices of at most `most` training examples, spread over the classes."""
    return spread_over_classes(np.asarray(data.y_train), min(most, len(data.y_train)))


def as_seen(phase: Phase, seed: int, places: np.ndarray, epoch: int = 0) -> np.ndarray:
    """Returns the training images at these indices as an epoch sees them, as bytes."""
    scaling = phase.whole.scaling
    seen = phase.image_batches.look(seed, places, epoch)
    raw = (seen - np.array(scaling.offset)) / np.array(scaling.scale)
    return as_bytes(raw, phase.whole.data.value_range)


def as_bytes(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """Returns raw images as uint8, with their range of values stretched to 0..255."""
    low, high = value_range
    stretched = (images - low) / max(high - low, 1e-12) * 255
    return np.clip(np.rint(stretched), 0, 255).astype(np.uint8)
