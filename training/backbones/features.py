"""A frozen network's features of a data set, computed once."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from ...callbacks.evaluation.samples import filled
from ...data import UNSCALED, Dataset, Scaling
from ..evaluation_batch import evaluation_batch

# The memory that the features of all examples may take. It is a constant, because whether they are
# computed once must not depend on the machine's load: a resumed run has to decide the same.
MOST_BYTES = 1_000_000_000
_MOST_AT_ONCE = 100


def fits(data: Dataset, shape: tuple[int, ...]) -> bool:
    """Says whether features of this shape fit into the memory set aside, for all examples."""
    examples = sum(len(getattr(data, f"x_{split}")) for split in ("train", "val", "test"))
    return examples * math.prod(shape) * 4 <= MOST_BYTES


class Features:
    """A data set with a frozen network's features in place of its inputs.

    Args:
        data: the data set.
        frozen: raw inputs -> features.
    """

    def __init__(self, data: Dataset, frozen: keras.Model) -> None:
        self.shape = tuple(frozen.output_shape[1:])
        self._data, self._frozen = data, frozen
        self._known: dict[str, np.ndarray] = {}

    @property
    def scaling(self) -> Scaling:
        """The scaling of features."""
        return UNSCALED

    def dataset(self, *splits: str) -> Dataset:
        """Returns the data set with the features of these splits; the others are empty.

        Args:
            *splits: any of `train`, `val` and `test`; each is computed on its first use.
        """
        inputs: dict[str, Any] = {
            f"x_{split}": self._of(split) if split in splits else np.zeros((0, *self.shape), "f4")
            for split in ("train", "val", "test")
        }
        return replace(self._data, **inputs)

    def stand_in(self) -> Dataset:
        """Returns the data set with zeros as training features, where only their shape matters."""
        zeros = np.broadcast_to(np.float32(0), (len(self._data.x_train), *self.shape))
        return replace(self._data, x_train=zeros)

    def _of(self, split: str) -> np.ndarray:
        if split not in self._known:
            self._known[split] = through(self._frozen, getattr(self._data, f"x_{split}"))
        return self._known[split]


def through(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Returns a network's outputs for raw inputs, float32, computed in batches of one shape."""
    found = np.empty((len(inputs), *model.output_shape[1:]), "float32")
    size = evaluation_batch(model, _MOST_AT_ONCE)
    for start in range(0, len(inputs), size):
        batch = np.asarray(inputs[start : start + size], "float32")
        outputs = model.predict_on_batch(filled(batch, size))
        found[start : start + len(batch)] = outputs[: len(batch)]
    return found
