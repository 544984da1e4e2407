"""Reads `0.1:0.7:7` into the values that a sweep gives a setting."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...training.errors import LadderError
from .rung_settings import NamedSetting

_RANGE = re.compile(r"(?P<low>[^:,]+):(?P<high>[^:,]+)(:(?P<count>\d+))?(?P<log>:log)?")
MOST_VALUES = 10_000
# A list is on a logarithmic scale if its largest value is at least this many times its smallest.
WIDE = 100
# What is equal between neighbouring values: the difference, the ratio, or the ratio of their
# distances to 1.
SCALES = ("linear", "log", "log_to_one")


@dataclass(frozen=True)
class Axis:
    """A setting and the values that a sweep gives it.

    Attributes:
        setting: which setting.
        values: its values, in ascending order if they are numbers.
        is_log: whether the scale is logarithmic, as for a learning rate.
        count: the number of values that a range was to have; 0 for a list.
    """

    setting: NamedSetting
    values: tuple[Any, ...]
    is_log: bool = False
    count: int = 0

    @property
    def name(self) -> str:
        """The setting's name."""
        return self.setting.name

    @property
    def is_range(self) -> bool:
        """Whether it is a range, so that values in between make sense."""
        return self.count > 0

    def between(self, low: float, high: float, count: int) -> tuple[Any, ...]:
        """Returns `count` values from `low` to `high`, evenly spaced on the axis's scale."""
        return tuple(spaced(self.setting, low, high, "log" if self.is_log else "linear", count))

    def drawn(self, random: np.random.RandomState) -> Any:
        """Returns a value at random, uniform on the axis's scale."""
        if not self.is_range:
            return self.values[random.randint(len(self.values))]
        low, high = self.values[0], self.values[-1]
        if self.is_log:
            value = float(np.exp(random.uniform(np.log(low), np.log(high))))
        else:
            value = random.uniform(low, high)
        return kept_value(value, self.setting)


def read_axis(setting: NamedSetting, values: Any) -> Axis:
    """Returns the axis that `0.1:0.7:7`, `1e-4:1e-1:7:log`, `0.1,0.3` or a list stands for.

    A single value is taken as a list of one, and an array as a list of its values. A range without
    a count has 5 values.

    Raises:
        LadderError: if it is none of these, or has no value.
    """
    if not isinstance(values, str):
        return _listed(setting, _plain(values), values)
    found = _RANGE.fullmatch(values.strip())
    if not found:
        return _listed(setting, [_word(word) for word in values.split(",") if word.strip()], values)
    low, high = _number(found["low"], setting, values), _number(found["high"], setting, values)
    count, is_log = int(found["count"] or 5), bool(found["log"])
    if not low < high or not 2 <= count <= MOST_VALUES or (is_log and low <= 0):
        raise _refusal(
            setting,
            values,
            f"a range goes from a lower to a higher value in 2 to {MOST_VALUES:,} steps, on a "
            "logarithmic scale from above 0",
        )
    ends = Axis(setting, (), is_log, count)
    return Axis(setting, ends.between(low, high, count), is_log, count)


def _plain(values: Any) -> list[Any]:
    """Returns the given values as a list of plain Python values; one value is a list of one."""
    if isinstance(values, np.ndarray | np.generic):
        values = values.tolist()
    several = values if isinstance(values, Iterable) else [values]
    return [one.item() if isinstance(one, np.generic) else one for one in several]


def _listed(setting: NamedSetting, values: list[Any], given: Any) -> Axis:
    if not values or len({repr(value) for value in values}) < len(values):
        raise _refusal(setting, given, "it needs values, each once")
    is_number = all(isinstance(value, int | float) for value in values)
    if not is_number:
        return Axis(setting, tuple(values))
    for value in values:
        _check_number(value, setting, given)
    kept = tuple(sorted(kept_value(value, setting) for value in values))
    is_wide = kept[0] > 0 and kept[-1] >= WIDE * kept[0]
    return Axis(setting, kept, is_log=is_wide)


def _word(text: str) -> Any:
    text = text.strip()
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text, text)


def _number(text: str, setting: NamedSetting, given: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise _refusal(setting, given, "a range goes between numbers") from None
    if not math.isfinite(value):
        raise _refusal(setting, given, "a range goes between numbers")
    return value


def _check_number(value: float, setting: NamedSetting, given: Any) -> None:
    if not math.isfinite(value) or (setting.is_whole and value != round(value)):
        kind = "whole numbers" if setting.is_whole else "numbers"
        raise _refusal(setting, given, f"it takes {kind}")


def kept_value(value: float, setting: NamedSetting) -> Any:
    """Returns a number as the setting takes it: whole if it must be, otherwise to six digits."""
    if isinstance(value, bool) or isinstance(setting.value, bool):
        return value
    if setting.is_whole:
        return round(value)
    # 0.30000000000000004 would be a different training from 0.3.
    return float(f"{value:.6g}")


def spaced(setting: NamedSetting, low: float, high: float, scale: str, steps: int) -> list[Any]:
    """Returns `steps` values from `low` to `high`, evenly spaced on the scale, no value twice."""
    if scale == "log":
        found = np.geomspace(low, high, steps)
    elif scale == "log_to_one":
        found = 1 - np.geomspace(1 - low, 1 - high, steps)
    else:
        found = np.linspace(low, high, steps)
    return [*dict.fromkeys(kept_value(value, setting) for value in found.tolist())]


def _refusal(setting: NamedSetting, given: Any, rule: str) -> LadderError:
    return LadderError(
        f"{setting.name} is given values as LOW:HIGH:COUNT, as LOW:HIGH:COUNT:log, or as a list "
        f"a,b,c: {rule}. Received: {setting.name}={given}"
    )
