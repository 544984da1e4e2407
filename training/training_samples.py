"""Some training images as the network sees them, for the report's picture."""

from __future__ import annotations

import io

import numpy as np

from ..callbacks.evaluation.samples import spread_over_classes
from ..data import Dataset, Scaling
from ..data.batches.by_backend import TrainingData

COUNT = 32


def training_samples(batches: TrainingData, seed: int, data: Dataset, scaling: Scaling) -> bytes:
    """Returns an .npz file of images (n, height, width, channels), uint8, and their labels.

    They are spread over the classes and carry the transforms of the first epoch, unscaled again
    and stretched so that the range of raw pixels becomes 0..255.
    """
    places = spread_over_classes(np.asarray(data.y_train), min(COUNT, len(data.y_train)))
    seen = batches.look(seed, places)
    raw = (seen - np.array(scaling.offset)) / np.array(scaling.scale)
    file = io.BytesIO()
    np.savez_compressed(
        file,
        images=as_bytes(raw, data.value_range),
        labels=np.asarray(data.y_train)[places],
    )
    return file.getvalue()


def as_bytes(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """Returns raw images as uint8, stretched so that their range of values becomes 0..255."""
    low, high = value_range
    stretched = (images - low) / max(high - low, 1e-12) * 255
    return np.clip(np.rint(stretched), 0, 255).astype(np.uint8)
