"""From a blueprint to the optimiser that takes its steps."""

from __future__ import annotations

from typing import Any

import keras

from ..recipes import Blueprint, Config, RecipeError, Slot, TrainingSettings
from .later_rate import later_rate
from .learning_rate import learning_rate
from .lengths import keywords_in_steps
from .optimizers import Lookahead, RateFactors
from .optimizers.kernel_muon import NO_KERNELS

# Embeddings, the learnt vectors of tokens and categories, are not kernels either.
_FREE_OF_DECAY = (*NO_KERNELS, "embeddings")


def build_optimizer(
    blueprint: Blueprint,
    network: keras.Model,
    steps_per_epoch: int,
    *,
    epochs_before: int = 0,
    rate_left: float = 1.0,
) -> keras.optimizers.Optimizer:
    """Returns the blueprint's optimiser with its rate, clipping, decay and average, not built yet.

    Args:
        blueprint: what to make.
        network: the network whose weights it will train.
        steps_per_epoch: batches per epoch, used to convert lengths in epochs to steps.
        epochs_before: epochs that earlier phases of the training took. A schedule, and a share of
            Lookahead's that changes, continue after them.
        rate_left: factor on the rate, or on the schedule's rates, if there are epochs before.

    Raises:
        RecipeError: if Keras refuses an argument, or the training ends before Lookahead's first
            step.
    """
    training = blueprint.training
    rate = learning_rate(blueprint, steps_per_epoch)
    if epochs_before:
        rate = later_rate(rate, epochs_before * steps_per_epoch, rate_left)
    optimizer = training.optimizer_config.build(learning_rate=rate, **_arguments(training))
    if training.told_decay is not None:
        optimizer.exclude_from_weight_decay(var_list=_free_of_decay(network))
    if training.rate_factors:
        rules = [
            _in_steps(slot.config, steps_per_epoch, training) for slot in training.rate_factors
        ]
        optimizer = RateFactors(optimizer, rules)
    if training.averaging is not None:
        optimizer = _in_steps(
            training.averaging.config, steps_per_epoch, training, inner_optimizer=optimizer
        )
        if isinstance(optimizer, Lookahead):
            _check_length(training.averaging, optimizer, training.epochs * steps_per_epoch)
            optimizer.steps_before = epochs_before * steps_per_epoch
    return optimizer


def _check_length(slot: Slot, lookahead: Lookahead, total: int) -> None:
    if lookahead.steps > total:
        raise RecipeError(
            f"{slot.recipe}: Lookahead's weights move every {lookahead.steps} steps, but the whole "
            f"training has {total}, so they would never move. Give steps of at most {total}, or "
            "more epochs."
        )


def _in_steps(config: Config, steps_per_epoch: int, training: TrainingSettings, **more: Any) -> Any:
    """Builds a config with all its lengths in steps."""
    return config.build(**keywords_in_steps(config, steps_per_epoch, training.epochs), **more)


def _arguments(training: TrainingSettings) -> dict[str, Any]:
    """Returns the arguments of a Keras optimiser that are set; the others keep Keras's defaults."""
    given = {
        "clipnorm": training.clip_norm,
        "global_clipnorm": training.clip_global_norm,
        "clipvalue": training.clip_value,
        "weight_decay": training.told_decay,
    }
    return {name: value for name, value in given.items() if value is not None}


def _free_of_decay(network: keras.Model) -> list[Any]:
    return [
        weight
        for weight in network.trainable_variables
        if len(weight.shape) < 2 or weight.name in _FREE_OF_DECAY
    ]
