"""The validation images that a network tells wrongly with most confidence, for the report."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from ..data import Dataset
from .training_samples import as_bytes

# A sheet shows fewer; but an image that most runs tell wrongly is shown if any run kept it.
COUNT = 24


def wrong_images(logits: np.ndarray, data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Returns places among the validation images, (n,), and the images as bytes, at most COUNT.

    Args:
        logits: of every validation image, (images, classes).
        data: their pixels and labels.
    """
    told = logits.argmax(axis=1)
    confidence = softmax(logits, axis=1).max(axis=1)
    wrong = np.flatnonzero(told != data.labels("val"))
    # Stable, so that equal ones come in the same order everywhere.
    places = wrong[np.argsort(-confidence[wrong], kind="stable")][:COUNT]
    return places, as_bytes(np.asarray(data.x_val[places], np.float32), data.value_range)
