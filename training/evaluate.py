"""Measuring a trained network: what it says of all examples, and what metrics.json makes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from ..callbacks.evaluation.samples import filled
from ..data import Dataset, Scaling
from .tasks import Classification, Regression


def final_outputs(
    network: keras.Model,
    data: Dataset,
    scaling: Scaling,
    task: Classification | Regression,
    batch_size: int,
    splits: Sequence[str],
) -> dict[str, np.ndarray]:
    """Returns what a trained network says of all examples of some splits.

    It says so without dropout or augmentation.

    Args:
        network: scaled inputs -> outputs.
        data: whose examples.
        scaling: of the inputs.
        task: what the outputs are.
        batch_size: examples per forward pass, of one shape so that it is traced once.
        splits: of `train`, `val` and `test`.
    """
    return {
        split: task.answers(
            predict_outputs(network, getattr(data, f"x_{split}"), scaling, batch_size), data
        )
        for split in splits
    }


def final_metrics(
    network: keras.Model,
    outputs: dict[str, np.ndarray],
    data: Dataset,
    task: Classification | Regression,
) -> dict[str, Any]:
    """Returns the size of a trained network and its figures, which hold no penalties.

    Args:
        network: whose weights to count.
        outputs: as `final_outputs` returns them.
        data: the labels.
        task: which figures.
    """
    return {"params": parameters_of(network), **task.figures(outputs, data)}


def parameters_of(network: keras.Model) -> int:
    """Returns how many numbers of a network are trained."""
    return sum(math.prod(weight.shape) for weight in network.trainable_weights)


def predict_outputs(
    network: keras.Model, inputs: np.ndarray, scaling: Scaling, batch_size: int
) -> np.ndarray:
    """Returns what the network gives for raw inputs, (n, units), float64."""
    parts = []
    for start in range(0, len(inputs), batch_size):
        batch = scaling.apply(inputs[start : start + batch_size])
        parts.append(network.predict_on_batch(filled(batch, batch_size))[: len(batch)])
    return np.concatenate(parts).astype(np.float64)
