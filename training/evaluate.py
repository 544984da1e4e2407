"""Measuring a trained network: what metrics.json says."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ..data import Dataset, Scaling
from .tasks import Classification, Regression

SPLITS = ("train", "val", "test")


def final_metrics(
    network: keras.Model,
    data: Dataset,
    scaling: Scaling,
    task: Classification | Regression,
    batch_size: int,
) -> dict[str, Any]:
    """Returns the figures of a trained network on all examples of every split.

    They are taken without penalties, dropout or augmentation.

    Args:
        network: scaled inputs -> outputs.
        data: what to measure on.
        scaling: of the inputs.
        task: which figures.
        batch_size: examples per forward pass, of one shape so that it is traced once.
    """
    params = sum(np.prod(weight.shape) for weight in network.trainable_weights)
    outputs = {
        split: predict_outputs(network, getattr(data, f"x_{split}"), scaling, batch_size)
        for split in SPLITS
    }
    return {"params": int(params), **task.figures(outputs, data)}


def predict_outputs(
    network: keras.Model, inputs: np.ndarray, scaling: Scaling, batch_size: int
) -> np.ndarray:
    """Returns what the network gives for raw inputs, (n, units), float64."""
    parts = []
    for start in range(0, len(inputs), batch_size):
        batch = scaling.apply(inputs[start : start + batch_size])
        missing = batch_size - len(batch)
        filled = np.concatenate([batch, np.repeat(batch[-1:], missing, axis=0)])
        parts.append(network.predict_on_batch(filled)[: len(batch)])
    return np.concatenate(parts).astype(np.float64)
