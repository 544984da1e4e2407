"""The figures of one metric in a history, as a panel of learning curves shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..read.panels import CLEAN_PREFIX, VALIDATION_PREFIX

if TYPE_CHECKING:
    import pandas as pd


def values_of(history: pd.DataFrame, column: str) -> np.ndarray:
    """The column, of shape (rows,); NaN where it was not measured."""
    if column in history:
        return history[column].to_numpy(dtype=float)
    return np.full(len(history), np.nan)


def columns_of(metric: str) -> tuple[str, str, str]:
    """The columns of its training, validation and clean training figures."""
    return metric, f"{VALIDATION_PREFIX}{metric}", f"{CLEAN_PREFIX}{metric}"


def not_finite(history: pd.DataFrame, metric: str) -> np.ndarray:
    """The rows in which a figure of `metric` was measured, and was not finite.

    A blank cell and one that says `nan` are read alike. But training losses are measured in every
    epoch: where one is missing, it was NaN, and then so were the figures beside it.
    """
    names = [str(name) for name in history]
    losses = ["loss"] if "loss" in names else [name for name in names if _is_train_loss(name)]
    diverged = np.zeros(len(history), dtype=bool)
    for name in losses:
        diverged |= ~np.isfinite(values_of(history, name))
    broken = np.zeros(len(history), dtype=bool)
    for values in (values_of(history, name) for name in columns_of(metric)[:2] if name in history):
        broken |= np.isinf(values) | (np.isnan(values) & diverged)
    return broken


def _is_train_loss(column: str) -> bool:
    return column.endswith("_loss") and not column.startswith((VALIDATION_PREFIX, CLEAN_PREFIX))
