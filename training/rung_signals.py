"""How large signals and gradients are in each layer of a rung before its first step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..data import Dataset
from ..recipes import Blueprint
from .trainer import passing_trainer

if TYPE_CHECKING:
    import pandas as pd


def rung_signals(
    blueprint: Blueprint, data: Dataset, seed: int, precision: str | None = None
) -> pd.DataFrame:
    """Returns what `trickbook.callbacks.measure_signals` finds in the network as training begins.

    The samples come from the first training batches, transformed as in training, and are measured
    as one batch. The blueprint's callbacks have done what they do before the first epoch, such as
    LSUV. A transfer is measured in its first phase, which trains the head.

    Args:
        blueprint: what to build.
        data: what to train on.
        seed: seed for weights, sample order and random draws, 0 or above.
        precision: Keras dtype policy to build it with; None: the current one.

    Returns:
        A row for each layer, with the columns of `measure_signals`.

    Raises:
        RecipeError: if the images are too small for the network's pooling.
        ValueError: if a batch is larger than the training set.
    """
    with passing_trainer(data, precision) as trainer:
        return trainer.signals(blueprint, seed)
