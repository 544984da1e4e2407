"""A difference between arms in words."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..read.run_set import RunSet
from ..statistics.two_sources import Difference
from ..statistics.verdicts import Verdict
from ..wording import UNKNOWN, signed_texts

INTERVAL = (
    "In brackets stands a 95 % interval. Where all runs kept their predictions it covers another "
    "choice of seeds and of validation examples, else of seeds alone; with --splits, of training "
    "examples too. Each misses the truth one time in twenty."
)
COVERED = (
    f"{INTERVAL[:-1]}; the verdicts hold for all of the table at once, by Holm's procedure at 5 %."
)

_ONE_SEED = (
    "One seed gives no interval, so that nothing is decided; add --seeds 3 to the command (the "
    "runs that are there are kept)."
)
_ALIKE = (
    "The difference is the same in every seed, which gives no interval and is no certainty, so "
    "that nothing is decided."
)
_TOO_FEW = "Fewer than two seeds are done in both of what is compared, so that nothing is decided."


def no_interval_text(run_set: RunSet, found: Iterable[Difference]) -> str:
    """Why none of the differences that a study found has an interval."""
    if run_set.seeds_asked < 2:
        return _ONE_SEED
    return _ALIKE if any(one.seeds > 1 for one in found) else _TOO_FEW


def effect_text(value: Difference | None, verdict: Verdict | None = None) -> str:
    """`+0.012 [-0.004, +0.028]`, and what it comes to; a dash for none."""
    if value is None or math.isnan(value.mean):
        return UNKNOWN
    text, low, high = signed_texts(value.mean, value.low, value.high)
    if not math.isnan(value.low):
        text += f" [{low}, {high}]"
    return text if verdict is None else f"{text} {verdict.text}"
