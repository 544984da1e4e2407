"""Which learning rates a rung could train with: a range test on its own batches."""

from __future__ import annotations

from ..data import Dataset
from ..recipes import Blueprint
from ..reports.diagnosis.range_test import RangeTest
from .trainer import passing_trainer


def with_plain_rate(blueprint: Blueprint) -> Blueprint:
    """Returns the blueprint without its schedule, so that the rate can be set."""
    return blueprint.with_settings(schedule=None)


def range_test(
    blueprint: Blueprint, data: Dataset, seed: int, num_steps: int, precision: str | None = None
) -> RangeTest:
    """Returns the result of a range test of the blueprint on its training batches.

    A transfer is tested in its first phase, which trains the head on the frozen backbone.

    Args:
        blueprint: what to build; its schedule is left out, because the test sets the rate.
        data: what to train on.
        seed: seed for weights, sample order and random draws, 0 or above.
        num_steps: number of batches, each with its own rate.
        precision: Keras dtype policy to build it with; None: the current one.

    Raises:
        RecipeError: if the images are too small for the network's pooling.
        ValueError: if a batch is larger than the training set.
    """
    with passing_trainer(data, precision) as trainer:
        return trainer.range_test(with_plain_rate(blueprint), seed, num_steps)
