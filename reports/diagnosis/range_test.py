"""A learning-rate range test: what it measured, and which rate to take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..statistics.smoothing import smoothed

if TYPE_CHECKING:
    import pandas as pd

RULES = ("valley", "steepest")

FEWEST = 10
"""A fall over fewer points than this gives no suggestion."""
NOISE_FACTOR = 4.0
"""The loss counts as fallen if it fell by more than this many deviations of the noise left in the
smoothed loss: of 100 flat noisy curves about one passes for falling."""


@dataclass(frozen=True)
class RangeTest:
    """The losses of a training in which the rate rose from step to step (Smith, arXiv:1506.01186).

    Attributes:
        rates: Learning rates, increasing, of shape (steps,).
        losses: The loss at each, of shape (steps,); not finite where training broke down.
        smoothing: Weight of the past in the smoothed loss, from 0 (no smoothing) to below 1.

    Example:
    >>> rates = np.geomspace(1e-4, 1.0, 41)
    >>> losses = 2.0 - 1.0 / (1.0 + (0.01 / rates) ** 4) + rates**2
    >>> test = trickbook.reports.diagnosis.range_test.RangeTest(rates, losses, smoothing=0.0)
    >>> round(test.suggestion("steepest"), 6)
    0.01
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothing: float

    @cached_property
    def smoothed_losses(self) -> np.ndarray:
        """The losses without most of their noise, of shape (steps,); see `reports.smoothing`."""
        return smoothed(self.losses, self.smoothing)

    def suggestion(self, rule: str = "valley") -> float | None:
        """The rate to start from, or None where the loss does not show one.

        Both rules look at the smoothed loss s from the end of the first tenth of the steps, which
        is noisy, down to its lowest point; beyond that it diverges.

        - "valley", the rule of fastai: the longest falling sequence of points (each lower than the
          one before, not all neighbours) has n points and ends at point e; take the rate half
          way down, at point e - n // 2.
        - "steepest": find the point around which s falls fastest over the logarithm of the rate,
          from a tenth of these points before it to a tenth after it, and take a rate some steps
          earlier to make up for the lag of s: the mean age of the losses that it averages, about
          smoothing / (1 - smoothing) steps. Noise misleads this rule more easily than "valley".

        Args:
            rule: "valley" or "steepest".

        Returns:
            A rate, or None if fewer than 10 points are left to look at, or the loss falls by no
            more than its noise explains.

        Raises:
            ValueError: There is no such rule.
        """
        if rule not in RULES:
            raise ValueError(f"`rule` should be one of {', '.join(RULES)}. Received: rule={rule!r}")
        fall = self._fall()
        if fall is None:
            return None
        losses = self.smoothed_losses[fall]
        if rule == "valley":
            place = fall.start + _valley(losses)
        else:
            place = fall.start + _steepest(self.rates[fall], losses)
            place = max(place - round(self._lag(place)), 0)
        return float(self.rates[place])

    def suggestions(self) -> dict[str, float]:
        """The suggested rate of each rule that suggests one."""
        found = {rule: self.suggestion(rule) for rule in RULES}
        return {rule: rate for rule, rate in found.items() if rate is not None}

    def table(self) -> pd.DataFrame:
        """A row per step with the columns `learning_rate`, `loss` and `smoothed_loss`."""
        import pandas as pd

        return pd.DataFrame(
            {
                "learning_rate": self.rates,
                "loss": self.losses,
                "smoothed_loss": self.smoothed_losses,
            }
        )

    def _fall(self) -> slice | None:
        """The points from the first tenth's end to the lowest one, if the loss falls there."""
        finite = np.where(np.isfinite(self.smoothed_losses), self.smoothed_losses, np.inf)
        first = -(-len(finite) // 10)
        if len(finite) - first < FEWEST:
            return None
        last = first + int(finite[first:].argmin())
        if last + 1 - first < FEWEST:
            return None
        depth = finite[first] - finite[last]
        if depth <= NOISE_FACTOR * self._noise(slice(first, last + 1)):
            return None
        return slice(first, last + 1)

    def _noise(self, part: slice) -> float:
        """The deviation that noise alone gives the difference of this part's smoothed ends."""
        # From neighbours, as the trend has little part in their difference, and by the median, as
        # the loss jumps about before it explodes. A normal variable's is 0.6745 deviations off 0.
        deviation = np.median(np.abs(np.diff(self.losses[part]))) / 0.6745 / np.sqrt(2)
        # The share of the variance that a smoothed loss keeps after this many values.
        past = self.smoothing ** np.array([part.start + 1, part.stop])
        kept = (1 - self.smoothing) / (1 + self.smoothing) * (1 + past) / (1 - past)
        return float(deviation * np.sqrt(kept.sum()))

    def _lag(self, place: int) -> float:
        """The mean age of the losses in the smoothed one at `place`, in steps."""
        ages = np.arange(place + 1)
        return float(np.average(ages, weights=self.smoothing**ages))


def _valley(losses: np.ndarray) -> int:
    lengths = np.ones(len(losses), dtype=int)
    for place in range(1, len(losses)):
        higher = losses[:place] > losses[place]
        lengths[place] += lengths[:place][higher].max(initial=0)
    end = int(lengths.argmax())
    return end - int(lengths[end]) // 2


def _steepest(rates: np.ndarray, losses: np.ndarray) -> int:
    logs, reach = np.log(rates), len(losses) // 10
    rise = losses[2 * reach :] - losses[: -2 * reach]
    return reach + int((rise / (logs[2 * reach :] - logs[: -2 * reach])).argmin())
