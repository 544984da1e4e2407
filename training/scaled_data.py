"""The scaled examples of a data set that a network is measured on."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ..callbacks.evaluation.samples import spread_over_classes
from ..data import Dataset, Scaling
from ..data.batches.by_backend import evaluation_batches
from .evaluation_batch import evaluation_batch

# During training, the clean training accuracy is measured on at most this many images, so that it
# takes only a few per cent of the time. At the end all images are measured.
CLEAN_IMAGES = 1000


class ScaledData:
    """The examples of a data set as a network is measured on them.

    Args:
        data: the data set.
        scaling: scaling of the inputs.

    Attributes:
        clean: scaled inputs and training targets of at most CLEAN_IMAGES training examples.
    """

    def __init__(self, data: Dataset, scaling: Scaling) -> None:
        self.data, self.scaling = data, scaling
        kept = _examples(data, min(CLEAN_IMAGES, len(data.x_train)))
        self.clean = (scaling.apply(data.x_train[kept]), data.towards("train")[kept])
        self._validation: tuple[int, Any] | None = None

    def evaluation_batch(self, network: keras.Model) -> int:
        """Returns how many examples a network is measured on at a time, at most all of `clean`."""
        return min(evaluation_batch(network), len(self.clean[0]))

    def validation(self, network: keras.Model) -> Any:
        """Returns the batches that a network is validated on in every epoch.

        They are the same object as long as one network after the other takes batches of the same
        size. None if there are no validation examples.
        """
        if not len(self.data.x_val):
            return None
        size = evaluation_batch(network)
        if self._validation is None or self._validation[0] != size:
            self._validation = size, _validation_batches(self.data, self.scaling, size)
        return self._validation[1]

    def inputs(self, count: int) -> np.ndarray:
        """Returns `count` scaled training inputs, or all if there are fewer."""
        kept = _examples(self.data, min(count, len(self.data.x_train)))
        return self.scaling.apply(self.data.x_train[kept])


def _validation_batches(data: Dataset, scaling: Scaling, size: int) -> Any:
    first = slice(data.val_in_epochs)
    inputs, targets = data.x_val[first], data.towards("val")[first]
    return evaluation_batches(inputs, targets, scaling, batch_size=size)


def _examples(data: Dataset, count: int) -> np.ndarray:
    """Returns the indices of `count` training examples, spread over the classes if any."""
    if data.classes:
        return spread_over_classes(data.labels("train"), count)
    if data.table is not None and not data.ordered:
        return np.arange(count)  # The split has shuffled the examples.
    # The first rows of a time series are its oldest, and an npz file may be sorted.
    return np.linspace(0, len(data.x_train) - 1, count).round().astype(int)
