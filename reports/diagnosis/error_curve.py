"""`ErrorCurve`: one noisy curve over epochs, the lower the better, and measurements on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..read.epochs import final_level

_SWING_OF_NOISE = 2 / math.sqrt(math.pi)
"""How far independent normal noise of deviation 1 moves from value to value, on average."""


class Turn(NamedTuple):
    """Where a curve that fell began to rise."""

    epoch: int
    """The epoch of its lowest value."""
    lowest: float
    last: float
    rise: float
    """How far it rose from there to its end, by means over an eighth of the curve each."""
    noise: float
    """The standard error of `rise`."""


@dataclass(frozen=True)
class ErrorCurve:
    """An error by epoch, of one training or averaged over several trainings of one model.

    Attributes:
        epochs: Those in which it was measured, increasing.
        values: The mean over the seeds in these epochs.
        seeds: The values of each seed, in the epochs in which that seed has them.
    """

    epochs: np.ndarray
    values: np.ndarray
    seeds: Sequence[np.ndarray]

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def deviation(self) -> float:
        """The deviation of a seed from epoch to epoch about its trend, at the end."""
        jitter = float(np.median([_jitter(values) for values in self.seeds]))
        return max(jitter, self.swing / _SWING_OF_NOISE)

    @property
    def noise(self) -> float:
        """The deviation of the mean over seeds."""
        return self.deviation / math.sqrt(len(self.seeds))

    @cached_property
    def swing(self) -> float:
        """How far a seed moves up and down from epoch to epoch, on average over the second half."""
        return float(np.median([_swing(values) for values in self.seeds]))

    @property
    def level(self) -> float:
        """Where it ends: the mean of its last eighth, or the last value if short; NaN if empty."""
        return final_level(self.values)

    @property
    def gain(self) -> float:
        """How far the last quarter lies below the quarter before it, by their means."""
        quarter = _part(self.values, 4)
        if len(self) < 2 * quarter:
            return 0.0
        before = self.values[-2 * quarter : -quarter]
        return float(before.mean() - self.values[-quarter:].mean())

    @property
    def gain_noise(self) -> float:
        """The standard error of `gain`."""
        return self.noise * math.sqrt(2 / _part(self.values, 4))

    def since(self, tolerance: float) -> int:
        """The first epoch down at the last quarter's mean, however it jumps later; 0 for none."""
        if not len(self):
            return 0
        end = self.values[-_part(self.values, 4) :].mean()
        return int(self.epochs[int(np.argmax(self.values <= end + tolerance))])

    def turn(self) -> Turn | None:
        """Where it was lowest, and how far it has risen since; None for no values."""
        if not len(self):
            return None
        width = _part(self.values, 8)
        # The lowest of many noisy values lies below the true curve; the lowest mean hardly does.
        means = np.convolve(self.values, np.full(width, 1 / width), mode="valid")
        start = int(means.argmin())
        place = start + int(self.values[start : start + width].argmin())
        return Turn(
            epoch=int(self.epochs[place]),
            lowest=float(self.values[place]),
            last=float(self.values[-1]),
            rise=float(means[-1] - means[start]),
            noise=self.noise * math.sqrt(2 / width),
        )


def _part(values: np.ndarray, share: int) -> int:
    return max(len(values) // share, 1)


def _jitter(values: np.ndarray) -> float:
    """The deviation about a trend: that of second differences, which cancel a slope, over root 6.

    A few of them may be small by chance, and with an underestimated noise small changes would
    count, so the fewer there are, the more is added.
    """
    bends = np.diff(values[len(values) // 2 :], 2)
    if len(bends) < 2:
        return 0.0
    return float(np.sqrt(np.mean(bends**2) / 6)) * (1 + 2 / len(bends))


def _swing(values: np.ndarray) -> float:
    """Twice the smaller of all rises and all falls, per step, so that a trend swings by nothing.

    Slow waves, which second differences hardly see, swing too.
    """
    steps = np.diff(values[len(values) // 2 :])
    if len(steps) < 3:
        return 0.0
    rises, falls = steps[steps > 0].sum(), -steps[steps < 0].sum()
    return 2 * float(min(rises, falls)) / len(steps)
