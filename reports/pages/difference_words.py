"""A difference between arms in words."""

from __future__ import annotations

import math

from ..statistics.two_sources import Difference
from ..statistics.verdicts import Verdict
from ..wording import UNKNOWN, signed_texts

COVERED = (
    "In brackets stands a 95 % interval. Where all runs kept their predictions it covers another "
    "choice of seeds and of validation examples, else of seeds alone; with --splits, of training "
    "examples too. Each misses the truth one time in twenty; the verdicts hold for all of the "
    "table at once, by Holm's procedure at 5 %."
)

ONE_SEED = (
    "One seed gives no interval, so that nothing is decided; add --seeds 3 to the command (the "
    "runs that are there are kept)."
)


def effect_text(value: Difference | None, verdict: Verdict | None = None) -> str:
    """`+0.012 [-0.004, +0.028]`, and what it comes to; a dash for none."""
    if value is None or math.isnan(value.mean):
        return UNKNOWN
    text, low, high = signed_texts(value.mean, value.low, value.high)
    if not math.isnan(value.low):
        text += f" [{low}, {high}]"
    return text if verdict is None else f"{text} {verdict.text}"
