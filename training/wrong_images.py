"""The validation images that a network misclassifies most confidently, for the report."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from ..data import Dataset
from .training_samples import as_bytes

# A sheet shows fewer, but an image that most runs misclassify is shown if any run kept it.
COUNT = 24


def wrong_images(logits: np.ndarray, data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Returns at most COUNT indices into the validation images, (n,), and those images as bytes.

    Args:
        logits: logits of every validation image, (images, classes).
        data: the data set with the images and labels.
    """
    told = logits.argmax(axis=1)
    confidence = softmax(logits, axis=1).max(axis=1)
    wrong = np.flatnonzero(told != data.labels("val"))
    # Stable, so that images of equal confidence come in the same order everywhere.
    places = wrong[np.argsort(-confidence[wrong], kind="stable")][:COUNT]
    return places, as_bytes(np.asarray(data.x_val[places], np.float32), data.value_range)
