"""Scikit-learn's handwritten digits: 1,797 grey images of 8x8 pixels that need no download."""

import numpy as np

from .part import Part
from .raw_arrays import RawImages


def read_digits() -> RawImages:
    """Return the digits as (1797, 8, 8, 1) uint8 images with values 0..16."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = digits.images.astype(np.uint8)[..., np.newaxis]
    names = tuple(str(name) for name in digits.target_names)
    return RawImages(Part(images, digits.target), classes=names, value_range=(0.0, 16.0))
