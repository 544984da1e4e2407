"""`seed_band`: how far the trainings of one name lie apart, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..read.epochs import mean_history, measured

if TYPE_CHECKING:
    import pandas as pd

BANDS = {"range": "lowest to highest seed", "deviation": "mean ± standard deviation of the seeds"}
"""The kinds of bands, and what a legend calls them."""


def seed_band(histories: Sequence[pd.DataFrame], kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lower and the upper edge of each metric, in the epochs in which all trainings have it.

    Args:
        histories: Two or more, each as `trickbook.runs.history.read_history` returns it.
        kind: `range`, or `deviation`: mean minus and plus the sample's standard deviation.

    Returns:
        Two tables of the rows and columns of `mean_history(histories)`.
    """
    import pandas as pd

    mean = mean_history(histories)
    together = pd.concat(histories, ignore_index=True).replace([np.inf, -np.inf], np.nan)
    by_epoch = together.groupby("epoch")
    if kind == "range":
        low, high = by_epoch.min(), by_epoch.max()
    else:
        centre, deviation = by_epoch.mean(), by_epoch.std(ddof=1)
        low, high = centre - deviation, centre + deviation
    known = mean.notna()
    low, high = (edge.reset_index()[mean.columns].where(known) for edge in (low, high))
    return low, high


def seed_range(histories: Sequence[pd.DataFrame], metric: str) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest seed, in the epochs in which their mean has the metric."""
    low, high = (measured(edge, metric)[1] for edge in seed_band(histories, "range"))
    return low, high
