"""A difference between arms in words."""

from __future__ import annotations

from collections.abc import Iterable

from ..analysis.judgements import Judgement
from ..read.run_set import RunSet
from ..statistics.two_sources import Difference
from ..statistics.verdicts import Verdict
from ..wording import UNKNOWN, difference_text

INTERVAL = (
    "In brackets stands a 95 % interval. Where all runs kept their predictions it covers another "
    "choice of seeds and of validation examples (of those in order of time as blocks of "
    "neighbours, where there are enough), else of seeds alone; with --splits, of training examples "
    "too. Each misses the truth one time in twenty."
)
FAMILIES = (
    "Holm's procedure keeps the chance that any is falsely said to help or hurt at 5 %, and "
    "likewise, in a family of its own, that any is falsely said to make no difference."
)
COVERED = f"{INTERVAL} The verdicts hold for all of the table at once: {FAMILIES}"

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


def blocks_text(run_set: RunSet, found: Iterable[Difference]) -> str:
    """How examples in order of time count, as the end of a sentence; empty for other data."""
    if run_set.reach is None:
        return ""
    examples = f"{run_set.example}s"
    blocks = max((one.examples or 0 for one in found), default=0)
    if not blocks:
        return (
            f"of validation {examples} neither, as neighbours in time are alike, and there are too "
            f"few {examples}, or single predictions were not kept"
        )
    return f"neighbours in time are alike, so that {blocks} blocks of them count as the {examples}"


def effect_text(value: Difference | None, verdict: Verdict | None = None) -> str:
    """`+0.012 [-0.004, +0.028]`, with the verdict if given; a dash for no difference."""
    text = difference_text(value)
    return text if verdict is None or text == UNKNOWN else f"{text} {verdict.text}"


def judged_text(one: Judgement | None) -> str:
    """A difference, its interval and its verdict, and what failed; a dash for none."""
    if one is None:
        return UNKNOWN
    failed = f" ({one.failed})" if one.failed else ""
    return f"{effect_text(one.difference, one.verdict)}{failed}"


def seeds_of(one: Judgement | None) -> int:
    """Over how many seeds a difference was judged."""
    return one.difference.seeds if one and one.difference else 0
