"""The examples of a data set with their scaling, and those that a network is measured on."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ..callbacks.evaluation.samples import spread_over_classes
from ..data import Dataset, Scaling
from ..data.batches.by_backend import evaluation_batches
from .evaluation_batch import evaluation_batch

# The clean training accuracy along the curve is measured on at most so many images, so that it
# stays within a few per cent of the time. The end measures all.
CLEAN_IMAGES = 1000


class ScaledData:
    """The examples of a data set as a network is measured on them.

    Args:
        data: whose examples.
        scaling: of the inputs.

    Attributes:
        clean: scaled training inputs and what a network is trained towards, of some of them.
    """

    def __init__(self, data: Dataset, scaling: Scaling) -> None:
        self.data, self.scaling = data, scaling
        kept = _examples(data, min(CLEAN_IMAGES, len(data.x_train)))
        self.clean = (scaling.apply(data.x_train[kept]), data.towards("train")[kept])
        self._validation: tuple[int, Any] | None = None

    def evaluation_batch(self, network: keras.Model) -> int:
        """Returns how many examples a network is measured on at a time, of few no more than all."""
        return min(evaluation_batch(network), len(self.clean[0]))

    def validation(self, network: keras.Model) -> Any:
        """Returns the batches that every epoch of a network is measured on.

        They are the same object for all networks that take batches of one size, one after the
        other; None where there are no validation examples.
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
    """Returns the places of `count` training examples, spread over the classes if there are any."""
    if data.classes:
        return spread_over_classes(data.labels("train"), count)
    if data.table is not None and not data.ordered:
        return np.arange(count)  # The split has shuffled them.
    # The first rows of a time series are its oldest, and an npz file may be sorted.
    return np.linspace(0, len(data.x_train) - 1, count).round().astype(int)
