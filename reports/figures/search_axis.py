"""Where the values of a searched setting stand on an axis: on the scale that they were drawn on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...argument_checks import is_number

if TYPE_CHECKING:
    from matplotlib.axis import Axis

_TICKS = 4


@dataclass(frozen=True)
class SearchAxis:
    """The axis of one setting, from 0 to 1."""

    name: str
    values: tuple[Any, ...]
    """Those of a list, evenly spaced; empty for a range."""
    low: float
    high: float
    scale: str
    """`linear`, `log`, or `log_to_one`, the logarithm of what is missing to 1."""
    whole: bool = False
    """Whether a range has whole numbers alone."""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> SearchAxis:
        """The axis of a setting as the study's file tells of it."""
        low, high = facts["low"], facts["high"]
        return cls(
            facts["name"],
            tuple(facts["values"]),
            math.nan if low is None else low,
            math.nan if high is None else high,
            facts["scale"],
            facts["whole"],
        )

    @property
    def is_ordered(self) -> bool:
        """Whether one value can be less than another, and there are several."""
        numbers = [one for one in self.values if isinstance(one, int | float)]
        return not self.values or (len(self.values) > 1 and len(numbers) == len(self.values))

    def place(self, value: Any) -> float:
        """Where a value stands, 0 to 1."""
        if self.values:
            return self.values.index(value) / max(len(self.values) - 1, 1)
        low, high, here = map(self._spaced, (self.low, self.high, value))
        return (here - low) / (high - low)

    def ticks(self) -> list[tuple[float, str]]:
        """Places and texts of the values that label it."""
        if self.values:
            return [(self.place(value), value_text(value)) for value in self.values]
        low, high = self._spaced(self.low), self._spaced(self.high)
        spaced = [self._value(place) for place in np.linspace(low, high, _TICKS)]
        found = [*dict.fromkeys(map(round, spaced))] if self.whole else spaced
        return [(self.place(value), value_text(value)) for value in found]

    def label(self, axis: Axis) -> None:
        """Put its ticks on an axis."""
        ticks = self.ticks()
        axis.set_ticks([place for place, _ in ticks], [text for _, text in ticks])

    def _spaced(self, value: float) -> float:
        if self.scale == "log":
            return math.log10(value)
        return -math.log10(1 - value) if self.scale == "log_to_one" else value

    def _value(self, spaced: float) -> float:
        if self.scale == "log":
            return float(10**spaced)
        return float(1 - 10**-spaced) if self.scale == "log_to_one" else float(spaced)


def value_text(value: Any) -> str:
    """A setting's value in few characters, as `0.00132` or `nearest`."""
    if not is_number(value):
        return str(value)
    # Close to 1 what counts is how close: 0.9995, not 1.
    return f"{value:.4g}" if 0.99 < value < 1 else f"{value:.3g}"
