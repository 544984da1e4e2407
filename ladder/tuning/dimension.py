"""One setting of a search, and the values that it may have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ...argument_checks import is_number
from ..studies.axis import kept_value
from ..studies.rung_settings import NamedSetting


@dataclass(frozen=True)
class Dimension:
    """A setting and the values that a search may give it: a list of them, or a range.

    Attributes:
        setting: which setting.
        values: the values of a list, in ascending order if they are numbers; empty for a range.
        low: the range's lower end.
        high: the range's upper end.
        scale: one of `SCALES`. On "log_to_one", 0.9, 0.99 and 0.999 are evenly spaced, as they
            should be for a momentum: what matters is the number of steps that it averages over.
    """

    setting: NamedSetting
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    scale: str = "linear"

    @property
    def name(self) -> str:
        """The setting's name."""
        return self.setting.name

    @property
    def is_listed(self) -> bool:
        """Whether its values are a list."""
        return bool(self.values)

    @property
    def is_ordered(self) -> bool:
        """Whether one value can be less than another."""
        return not self.is_listed or all(map(is_number, self.values))

    @property
    def size(self) -> int | None:
        """The number of its values; None if it is infinite."""
        if self.is_listed:
            return len(self.values)
        return int(self.high - self.low) + 1 if self.setting.is_whole else None

    @property
    def ends(self) -> tuple[Any, ...]:
        """The ends of its range, or all values of its list."""
        return self.values or (self.kept(self.low), self.kept(self.high))

    def suggested(self, trial: Any) -> Any:
        """Returns the value that Optuna's `trial` proposes."""
        return self.value_of(self._parameter(trial))

    def value_of(self, parameter: Any) -> Any:
        """Returns the setting's value that Optuna's parameter stands for."""
        if self.is_listed:
            place = parameter if self.is_ordered else self._choices.index(parameter)
            return self.values[place]
        return self.kept(1 - parameter if self.scale == "log_to_one" else parameter)

    def parameter_of(self, value: Any) -> Any:
        """Returns Optuna's parameter for a value; None if the dimension does not have the value."""
        if self.is_listed:
            if value not in self.values:
                return None
            place = self.values.index(value)
            return place if self.is_ordered else self._choices[place]
        if not is_number(value) or not self.low <= value <= self.high:
            return None
        return 1 - value if self.scale == "log_to_one" else value

    def grid(self) -> list[Any]:
        """Returns Optuna's parameters for all values of a list, or of a range of whole numbers."""
        if self.is_listed:
            return [*range(len(self.values))] if self.is_ordered else [*self._choices]
        return [*range(int(self.low), int(self.high) + 1)]

    def facts(self) -> dict[str, Any]:
        """Returns what the report needs to know of the dimension."""
        return {
            "name": self.name,
            "own": self.setting.value,
            "values": list(self.values),
            "low": None if self.is_listed else self.low,
            "high": None if self.is_listed else self.high,
            "scale": self.scale,
            "whole": self.setting.is_whole,
            "bounds": [None, None] if self.setting.rule is None else self.setting.rule.bounds,
        }

    def kept(self, value: float) -> Any:
        """Returns a number as the setting takes it, rounded if it must be whole."""
        return kept_value(value, self.setting)

    @property
    def _choices(self) -> list[Any]:
        """Optuna's choices for values without an order; a tuple is stored as its JSON text."""
        return [json.dumps(one) if isinstance(one, tuple) else one for one in self.values]

    def _parameter(self, trial: Any) -> Any:
        if self.is_listed:
            if self.is_ordered:
                return trial.suggest_int(self.name, 0, len(self.values) - 1)
            return trial.suggest_categorical(self.name, self._choices)
        is_log = self.scale == "log"
        if self.setting.is_whole:
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=is_log)
        if self.scale == "log_to_one":
            low, high = 1 - self.high, 1 - self.low
            return trial.suggest_float(self.name, low, high, log=True)
        return trial.suggest_float(self.name, self.low, self.high, log=is_log)
