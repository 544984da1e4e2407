"""From a blueprint and a data set to training batches."""

from __future__ import annotations

from ..data import Dataset, Scaling
from ..data.batches.by_backend import TrainingData, training_batches
from ..recipes import Blueprint
from .tasks import task_at_work
from .transforms import build_transforms


def build_batches(blueprint: Blueprint, data: Dataset, scaling: Scaling) -> TrainingData:
    """Returns the batches that the blueprint trains on: scaled, transformed and mixed.

    Args:
        blueprint: says what is done to the training examples, and how many make a batch.
        data: the data set whose training examples are used.
        scaling: scaling of the inputs.

    Raises:
        RecipeError: if an amount is beyond the range of the pixels.
        ValueError: if the batch size leaves no full batch.
    """
    mixing = blueprint.mixing
    return training_batches(
        data.x_train,
        task_at_work(blueprint.task).training_targets(data, mixes=mixing is not None),
        scaling,
        batch_size=blueprint.training.batch_of(len(data.x_train)),
        transforms=build_transforms(
            blueprint, scaling, data.value_range if data.is_of_images else None
        ),
        mixing=None if mixing is None else mixing.config.build(),
    )
