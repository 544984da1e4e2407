"""Regression: predicting a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from ...data import Dataset
from ...recipes import Task
from .scaled_error import mean_absolute_scaled_error

_RUNNING = ("rmse", "mae", "val_rmse", "val_mae")
_CLEAN = ("train_clean_rmse", "train_clean_mae")


class Regression:
    """Predicting one number: mean squared error; RMSE or MAE is the deciding metric.

    The network is trained on standardised targets, so that learning rates and penalties mean the
    same whatever the target's unit is. The figures are in the target's unit.

    Args:
        task: the blueprint's task.
    """

    output_name = "values"

    def __init__(self, task: Task) -> None:
        self.task = task

    def units(self, data: Dataset) -> int:
        """Returns the number of outputs per example."""
        return 1

    def loss(
        self,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
        *,
        mixes: bool = False,
    ) -> keras.losses.Loss:
        """Returns the loss of standardised values; the arguments are for classes, and ignored."""
        if self.task.loss is None:
            return keras.losses.MeanSquaredError()
        return self.task.loss.config.build()

    def metrics(self, units: int, *, mixes: bool = False) -> list[keras.metrics.Metric]:
        """Returns the metrics of every epoch, for standardised values."""
        return [
            keras.metrics.RootMeanSquaredError(name="rmse"),
            keras.metrics.MeanAbsoluteError(name="mae"),
        ]

    def training_targets(self, data: Dataset, *, mixes: bool) -> np.ndarray:
        """Returns the standardised values."""
        return data.towards("train")

    def callbacks(self, data: Dataset) -> list[keras.callbacks.Callback]:
        """Returns callbacks that come before those that record an epoch."""
        scaling = data.target_scaling
        return [] if scaling is None else [InUnits(1 / scaling.scale[0])]

    def clean_callbacks(self, data: Dataset) -> list[keras.callbacks.Callback]:
        """Returns callbacks between the clean evaluation of training examples and recording."""
        scaling = data.target_scaling
        return [] if scaling is None else [InUnits(1 / scaling.scale[0], _CLEAN)]

    def answers(self, outputs: np.ndarray, data: Dataset) -> np.ndarray:
        """Returns the network's outputs (n, 1) as values (n,) in units of the target."""
        return data.in_units(outputs[:, 0])

    def figures(self, outputs: dict[str, np.ndarray], data: Dataset) -> dict[str, Any]:
        """Returns the final figures: RMSE and MAE in units of the target, and R squared.

        If the order of the examples means something, MASE of validation and test set is added.

        Args:
            outputs: values of every example by split, (n,), in units of the target.
            data: the data set with the targets.
        """
        from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

        figures: dict[str, Any] = {}
        for split, values in outputs.items():
            targets = data.labels(split)
            figures[f"{split}_rmse"] = float(root_mean_squared_error(targets, values))
            figures[f"{split}_mae"] = float(mean_absolute_error(targets, values))
            figures[f"{split}_r2"] = float(r2_score(targets, values))
            if data.ordered and split != "train":
                figures[f"{split}_mase"] = mean_absolute_scaled_error(targets, values)
        return figures


class InUnits(keras.callbacks.Callback):
    """Converts the logged errors of standardised values to units of the target.

    Metrics of our own could do the same, but loading the saved model would then require them.

    Args:
        unit: the standard deviation that the target was divided by.
        names: names of the errors.
    """

    def __init__(self, unit: float, names: Sequence[str] = _RUNNING) -> None:
        super().__init__()
        self.unit = unit
        self.names = names

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Multiplies the logs in place, for the callbacks after this one and Keras's history."""
        for name in self.names:
            if logs and name in logs:
                logs[name] *= self.unit
