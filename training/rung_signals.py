"""How large signals and gradients are in each layer of a rung before its first step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from ..data import Dataset
from ..recipes import Blueprint
from .trainer import Trainer

if TYPE_CHECKING:
    import pandas as pd


def rung_signals(
    blueprint: Blueprint, data: Dataset, seed: int, precision: str | None = None
) -> pd.DataFrame:
    """Returns what `trickbook.callbacks.measure_signals` finds in the network as training begins.

    It is asked on samples of the first training batches, transformed as in training, as one batch,
    and after what callbacks of the blueprint do before the first epoch, such as LSUV. That of a
    transfer is of the head, whose training comes first.

    Args:
        blueprint: what to build.
        data: what to train on.
        seed: of weights, order and draws, 0 or above.
        precision: dtype policy of Keras for it; None is the one that is set.

    Returns:
        A row for each layer, with the columns of `measure_signals`.

    Raises:
        RecipeError: if the images are too small for the network's pooling.
        ValueError: for a batch larger than the training set.
    """
    before = keras.config.dtype_policy()
    try:
        return Trainer(data, precision).signals(blueprint, seed)
    finally:
        keras.config.set_dtype_policy(before)
