"""Which learning rate a rung could train with: a range test on its own batches."""

from __future__ import annotations

import keras

from ..data import Dataset
from ..recipes import Blueprint
from ..reports.diagnosis.range_test import RangeTest
from .trainer import Trainer


def with_plain_rate(blueprint: Blueprint) -> Blueprint:
    """Returns the blueprint with a rate that can be set, without its schedule."""
    return blueprint.with_settings(schedule=None)


def range_test(
    blueprint: Blueprint, data: Dataset, seed: int, num_steps: int, precision: str | None = None
) -> RangeTest:
    """Returns what a range test of the blueprint measures on its training batches.

    That of a transfer is of the head's training on the frozen backbone, with which it begins.

    Args:
        blueprint: what to build; its schedule is left out, as the test sets the rate.
        data: what to train on.
        seed: of weights, order and draws, 0 or above.
        num_steps: batches, each at a rate of its own.
        precision: dtype policy of Keras for it; None is the one that is set.

    Raises:
        RecipeError: if the images are too small for the network's pooling.
        ValueError: for a batch larger than the training set.
    """
    before = keras.config.dtype_policy()
    try:
        return Trainer(data, precision).range_test(with_plain_rate(blueprint), seed, num_steps)
    finally:
        keras.config.set_dtype_policy(before)
