"""A preview of a training before it begins: its rates step by step, and images as it sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..callbacks.optimizers.optimizer_facts import batch_counter, named_by_rate, rate
from ..data import Dataset
from ..recipes import Blueprint
from .evaluate import parameters_of
from .learning_rate import rate_callbacks
from .phase import Phase
from .trainer import passing_trainer
from .training_samples import as_bytes, as_seen, spread_places

MOST_RATES = 400
"""Per phase; more points could not be told apart in a figure, and each takes a millisecond."""
IMAGES, EPOCHS = 4, 7


@dataclass(frozen=True)
class Preview:
    """What is known of a training before it begins.

    Attributes:
        parameters: number of trained parameters; for a transfer, those of its last phase.
        steps: batches in an epoch.
        rates: a row for each of up to `MOST_RATES` evenly spaced steps of each phase, with the
            columns `epoch` (epochs completed, as a fraction) and `learning_rate`, or one
            `learning_rate_...` column for each of several optimisers.
        set_while_training: the recipe whose callback sets the rate by what it observes in training;
            `rates` then holds the rate that it begins with. None if there is no such callback.
        images: training images, (images, 1 + epochs, height, width, channels), uint8: each as it
            is, and as the first epochs of that seed see it; None if the inputs are not images.
    """

    parameters: int
    steps: int
    rates: pd.DataFrame
    set_while_training: str | None
    images: np.ndarray | None


def rung_preview(
    blueprint: Blueprint, data: Dataset, seed: int, precision: str | None = None
) -> Preview:
    """Returns a preview of the blueprint's training. Nothing is trained.

    Args:
        blueprint: what to build.
        data: what to train on.
        seed: seed for the random draws, 0 or above.
        precision: Keras dtype policy to build it with; None: the current one.

    Raises:
        RecipeError: if the images are too small for the network's pooling.
        ValueError: if a batch is larger than the training set.
    """
    with passing_trainer(data, precision) as trainer:
        phases = trainer.phases(blueprint)
        last, steps = phases[-1], phases[-1].batches.steps
        own = rate_callbacks(blueprint)
        return Preview(
            parameters=parameters_of(last.model),
            steps=steps,
            rates=pd.DataFrame([row for phase in phases for row in _rates(phase, steps)]),
            set_while_training=own[0].recipe if own else None,
            images=_images(last, seed) if data.is_of_images else None,
        )


def _rates(phase: Phase, steps: int) -> Iterator[dict[str, float]]:
    """Yields the rates that a phase's optimisers will have at evenly spaced steps."""
    count = steps * (phase.last_epoch - phase.first_epoch)
    optimizers = named_by_rate(phase.model)
    for step in np.unique(np.linspace(0, count - 1, MOST_RATES).astype(int)):
        for optimizer in optimizers.values():
            batch_counter(optimizer).assign(step)
        epoch = phase.first_epoch + step / steps
        yield {"epoch": epoch, **{name: rate(one) for name, one in optimizers.items()}}


def _images(phase: Phase, seed: int) -> np.ndarray:
    data = phase.whole.data
    places = spread_places(data, IMAGES)
    as_they_are = as_bytes(np.asarray(data.x_train[places], "float32"), data.value_range)
    epochs = range(min(EPOCHS, phase.blueprint.epochs))
    seen = [as_seen(phase, seed, places, epoch) for epoch in epochs]
    return np.stack([as_they_are, *seen], axis=1)
