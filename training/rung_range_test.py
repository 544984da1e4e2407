"""Which learning rate a rung could train with: a range test on its own batches."""

from __future__ import annotations

import keras

from ..callbacks import LearningRateFinder
from ..data import Dataset
from ..data.batches.by_backend import TrainingData
from ..data.batches.pipeline import steps_per_epoch
from ..recipes import Blueprint
from ..reports.diagnosis.range_test import RangeTest
from .build import build_model
from .build_batches import build_batches
from .build_transfer import build_transfer
from .networks.input_kind import InputKind
from .preprocessing import preprocessing_of
from .scaled_data import ScaledData
from .starting_run import StartingRun
from .tasks import task_at_work
from .tasks.class_weights import class_weights
from .trainer import scaling_of


def with_plain_rate(blueprint: Blueprint) -> Blueprint:
    """Returns the blueprint with a rate that can be set, without its schedule."""
    return blueprint.with_settings(schedule=None)


def range_test(
    blueprint: Blueprint, data: Dataset, seed: int, num_steps: int, precision: str | None = None
) -> RangeTest:
    """Returns what a range test of the blueprint measures on its training batches.

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
    # As data are; keras.json may say otherwise.
    keras.config.set_image_data_format("channels_last")
    blueprint = with_plain_rate(blueprint)
    built = _of_a_backbone if blueprint.base == "backbone" else _of_a_network
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision or before)
    try:
        model, batches = built(blueprint, data, seed)
        finder = LearningRateFinder(num_steps=num_steps)
        epochs = -(-num_steps // batches.steps)
        dataset = batches.dataset(seed, epochs=epochs)
        finder.find(model, dataset, steps_per_epoch=batches.steps, shuffle=False)
    finally:
        keras.config.set_dtype_policy(before)
    return finder.result


def _of_a_network(
    blueprint: Blueprint, data: Dataset, seed: int
) -> tuple[keras.Model, TrainingData]:
    start = None if blueprint.warm_start is None else StartingRun(blueprint.warm_start, data)
    data = data if start is None else start.data
    scaling = scaling_of(blueprint, data)
    batches = build_batches(blueprint, data, scaling)
    model = build_model(
        blueprint,
        InputKind.of(data),
        task_at_work(blueprint.task).units(data),
        scaling,
        target_scaling=data.target_scaling,
        seed=seed,
        steps_per_epoch=batches.steps,
        class_weights=class_weights(blueprint.training, data),
        preprocessing=preprocessing_of(blueprint, data, scaling),
    ).training_model
    if start is not None:
        start.give(model)
    return model, batches


def _of_a_backbone(
    blueprint: Blueprint, data: Dataset, seed: int
) -> tuple[keras.Model, TrainingData]:
    """Returns the head's training on the frozen backbone, with which a transfer begins."""
    scaled = ScaledData(data, scaling_of(blueprint, data))
    steps = steps_per_epoch(len(data.x_train), blueprint.training.batch_of(len(data.x_train)))
    phase = build_transfer(blueprint, scaled, steps, 1, seed).phases[0]
    phase.choose_trained()
    return phase.model, phase.batches
