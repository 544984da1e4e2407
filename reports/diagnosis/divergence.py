"""`divergence`: whether a training went wrong for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..read.epochs import measured
from ..read.metric_columns import ReadMetric, is_share
from ..wording import metric_text, number_text
from .curve_signs import FEWEST, NEGLIGIBLE, NOISE_FACTOR
from .finding import Finding

if TYPE_CHECKING:
    import pandas as pd

EXPLODED = 0.5
"""A training loss has exploded if it ends this far above its lowest, relative to its size, ..."""
LOST = 0.9
"""... and has lost this much of what it had gained, ..."""
TIMES = 10.0
"""... or ends at this many times its lowest: what was 6.3 and is 632 has not converged."""
_ADVICE = "lower the learning rate, or clip the gradients"


def divergence(table: pd.DataFrame, metric: ReadMetric) -> Finding | None:
    """Whether the loss of one training is not a number at the end, or has exploded.

    On simulated curves it misses 0 %, names wrongly 0 %, as measured in `finding_rules`.
    """
    column = next((one for one in ("loss", metric.name) if one in table), None)
    if column is None or not len(table):
        return None
    # Keras logs a training metric in every epoch: where it is missing, it was not a number.
    since = _broken_since(table, column, measured_from=0)
    if since is None and f"val_{column}" in table:
        # Validation may be sparse. If it was not, and stops for good, it is not a number either.
        since = _broken_since(table, f"val_{column}", measured_from=2)
        column = column if since is None else f"val_{column}"
    if since is not None:
        return Finding(
            "diverged",
            f"Diverged: the {metric_text(column)} is no number since epoch {since}.",
            _ADVICE,
            since,
            {column: float(table[column].iloc[-1])},
        )
    return _exploded(*measured(table, column), column) if not is_share(column) else None


def _broken_since(table: pd.DataFrame, column: str, measured_from: int) -> int | None:
    """Since which epoch a metric has not been a number, up to the last epoch.

    None if it is a number at the end, or was not one in all of the `measured_from` or more epochs
    before.
    """
    known = np.isfinite(table[column].to_numpy(dtype=float))
    count = int(known.sum())
    if known[-1] or (measured_from and (count < measured_from or not known[:count].all())):
        return None
    last = np.flatnonzero(known)[-1] if count else -1
    return int(table["epoch"].iloc[last + 1])


def _exploded(epochs: np.ndarray, values: np.ndarray, name: str) -> Finding | None:
    if len(values) < FEWEST:
        return None
    lowest, end = float(values.min()), float(values[-2:].min())
    rise, gained = end - lowest, float(values[0]) - lowest
    size = max(abs(lowest), abs(float(values[0])))
    # The median, since the explosion itself is not noise.
    noise = float(np.median(np.abs(np.diff(values, 2))))
    lost = rise > max(EXPLODED * size, LOST * gained)
    many_times = lowest > 0 and end > TIMES * lowest and rise > NEGLIGIBLE * size
    if rise <= NOISE_FACTOR * noise or not (lost or many_times):
        return None
    below = np.flatnonzero(values < lowest + rise / 2)[-1]
    epoch = int(epochs[below + 1])
    return Finding(
        "diverged",
        f"Diverged: the {metric_text(name)} is {number_text(float(values[-1]))} at the end, from "
        f"{number_text(lowest)} at epoch {int(epochs[values.argmin()])}.",
        _ADVICE,
        epoch,
        {"lowest_loss": lowest, "last_loss": float(values[-1])},
    )
