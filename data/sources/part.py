"""Some examples with their labels, on the way from a source to a data set."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Part(NamedTuple):
    """Inputs (n, ...), such as images, and their labels (n,) or (n, 1)."""

    inputs: np.ndarray
    labels: np.ndarray

    def take(self, places: np.ndarray) -> Part:
        """Return the examples at some places, in that order."""
        return Part(self.inputs[places], self.labels[places])

    def joined(self, other: Part) -> Part:
        """Return these examples followed by those of the other part."""
        return Part(
            np.concatenate([self.inputs, other.inputs]),
            np.concatenate([self.labels, other.labels]),
        )
