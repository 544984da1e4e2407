"""Measuring a trained network: its outputs for all examples, and the figures in metrics.json."""

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
    """Returns a trained network's answers for all examples of some splits.

    They are computed without dropout and augmentation.

    Args:
        network: scaled inputs -> outputs.
        data: the data set with the examples.
        scaling: scaling of the inputs.
        task: turns the outputs into answers.
        batch_size: examples per forward pass; the last batch is filled up, so that the network is
            traced once.
        splits: any of `train`, `val` and `test`.
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
    """Returns the size of a trained network and its figures, which include no penalties.

    Args:
        network: the network whose weights are counted.
        outputs: as `final_outputs` returns them.
        data: the data set with the labels.
        task: computes the figures.
    """
    return {"params": parameters_of(network), **task.figures(outputs, data)}


def parameters_of(network: keras.Model) -> int:
    """Returns the number of a network's trainable parameters."""
    return sum(math.prod(weight.shape) for weight in network.trainable_weights)


def predict_outputs(
    network: keras.Model, inputs: np.ndarray, scaling: Scaling, batch_size: int
) -> np.ndarray:
    """Returns the network's outputs for raw inputs, (n, units), float64."""
    parts = []
    for start in range(0, len(inputs), batch_size):
        batch = scaling.apply(inputs[start : start + batch_size])
        parts.append(network.predict_on_batch(filled(batch, batch_size))[: len(batch)])
    return np.concatenate(parts).astype(np.float64)
