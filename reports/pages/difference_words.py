"""A difference between arms in words."""

from __future__ import annotations

import math

from ..statistics.two_sources import Difference
from ..wording import UNKNOWN

COVERED = (
    "In brackets stands a 95 % interval. Where all runs kept their predictions it covers another "
    "choice of seeds and of validation examples, else of seeds alone. Each misses the truth one "
    "time in twenty."
)


def verdict(value: Difference | None) -> str:
    """`helps`, `hurts` or `undecided`, by the interval; empty where there is no difference."""
    if value is None:
        return ""
    return "helps" if value.low > 0 else "hurts" if value.high < 0 else "undecided"


def effect_text(value: Difference | None, *, with_verdict: bool = False) -> str:
    """`+0.012 [-0.004, +0.028]`, and whether it helps; a dash for none."""
    if value is None or math.isnan(value.mean):
        return UNKNOWN
    text = f"{value.mean:+.3f}"
    if not math.isnan(value.low):
        text += f" [{value.low:+.3f}, {value.high:+.3f}]"
    text = text.replace("-0.000", "+0.000")
    return f"{text} {verdict(value)}" if with_verdict else text
