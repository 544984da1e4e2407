"""Telling a number."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ...data import Dataset, Scaling
from ...recipes import Task


class Regression:
    """One number: its mean squared error, decided by the root of it or by the mean absolute error.

    The network is trained on standardised targets, so that its rates and penalties mean the same
    whatever the target's unit; the figures are in that unit.

    Args:
        task: what is told of it in a blueprint.
    """

    output_name = "values"

    def __init__(self, task: Task) -> None:
        self.task = task

    def units(self, data: Dataset) -> int:
        """Returns how many numbers the network gives for an example."""
        return 1

    def loss(self) -> keras.losses.Loss:
        """Returns the loss of standardised values."""
        if self.task.loss is None:
            return keras.losses.MeanSquaredError()
        return self.task.loss.config.build()

    def metrics(self, target_scaling: Scaling | None) -> list[keras.metrics.Metric]:
        """Returns what is measured in every epoch, in units of the target."""
        unit = 1.0 if target_scaling is None else 1.0 / target_scaling.scale[0]
        return [RootMeanSquaredErrorInUnits(unit), MeanAbsoluteErrorInUnits(unit)]

    def figures(self, outputs: dict[str, np.ndarray], data: Dataset) -> dict[str, Any]:
        """Returns the final figures: RMSE and MAE in units of the target, and R squared.

        Args:
            outputs: standardised values of every example by split, (n, 1).
            data: the targets.
        """
        from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

        figures: dict[str, Any] = {}
        for split, standardised in outputs.items():
            targets, values = data.labels(split), data.in_units(standardised[:, 0])
            figures[f"{split}_rmse"] = float(root_mean_squared_error(targets, values))
            figures[f"{split}_mae"] = float(mean_absolute_error(targets, values))
            figures[f"{split}_r2"] = float(r2_score(targets, values))
        return figures


class RootMeanSquaredErrorInUnits(keras.metrics.RootMeanSquaredError):
    """RMSE of standardised values, in units of what was standardised.

    Args:
        unit: the standard deviation that was divided by.
    """

    def __init__(self, unit: float) -> None:
        super().__init__(name="rmse")
        self.unit = unit

    def result(self) -> Any:
        """Returns the error until now."""
        return super().result() * self.unit


class MeanAbsoluteErrorInUnits(keras.metrics.MeanAbsoluteError):
    """MAE of standardised values, in units of what was standardised.

    Args:
        unit: the standard deviation that was divided by.
    """

    def __init__(self, unit: float) -> None:
        super().__init__(name="mae")
        self.unit = unit

    def result(self) -> Any:
        """Returns the error until now."""
        return super().result() * self.unit
