"""`CurveView`: how learning curves are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...runs.errors import ReportError
from .seed_band import BANDS

if TYPE_CHECKING:
    from ..read.named_histories import NamedHistory

COLUMNS = {"epoch": "epoch", "step": "step", "time": "seconds"}
"""What can run along the horizontal axis, and the column of a history that holds it."""
_UNITS = (("hours", 3 * 3600.0, 3600.0), ("minutes", 3 * 60.0, 60.0))
"""Name, from how many seconds on it is used, seconds in one."""


@dataclass(frozen=True)
class CurveView:
    """What runs along the horizontal axis, how much lines are smoothed, and what seeds look like.

    Attributes:
        x: `epoch`; `step`, batches since training began; or `time`, seconds since then.
        smooth: Weight of the past in the exponential moving average of each line, from 0 (no
            smoothing) to below 1. The line as measured stays visible behind it.
        band: Of several trainings of one name: `range`, a band from the lowest to the highest;
            `deviation`, one of their standard deviation about the mean; None: a pale line each.

    Raises:
        ReportError: One of them is out of range.
    """

    x: str = "epoch"
    smooth: float = 0.0
    band: str | None = None

    def __post_init__(self) -> None:
        if self.x not in COLUMNS:
            raise ReportError(f"`x` should be one of {', '.join(COLUMNS)}. Received: x={self.x!r}")
        if not 0 <= self.smooth < 1:
            raise ReportError(
                f"`smooth` should be from 0 to below 1. Received: smooth={self.smooth!r}"
            )
        if self.band is not None and self.band not in BANDS:
            raise ReportError(
                f"`band` should be one of {', '.join(BANDS)}, or None. Received: band={self.band!r}"
            )

    def places(self, training: NamedHistory) -> np.ndarray:
        """Where each row of the training stands on the horizontal axis; seconds for `time`.

        Raises:
            ReportError: The training did not record that.
        """
        history, column = training.history, COLUMNS[self.x]
        values = history[column].to_numpy(dtype=float) if column in history else np.empty(0)
        if len(history) and not np.isfinite(values).any():
            raise ReportError(
                f"x={self.x!r} needs the column {column!r}, which trickbook's LearningCurves "
                f"writes and {training.name or 'this history'} lacks. "
                f"Its columns: {', '.join(map(str, history))}."
            )
        return values

    def axis(self, places: Sequence[np.ndarray]) -> tuple[str, float]:
        """The label of the horizontal axis, and what to divide the places on it by."""
        if self.x != "time":
            return self.x, 1.0
        longest = max((float(np.nanmax(one)) for one in places if len(one)), default=0.0)
        named = ((f"time in {name}", size) for name, start, size in _UNITS if longest >= start)
        return next(named, ("time in seconds", 1.0))
