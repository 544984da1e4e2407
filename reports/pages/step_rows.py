"""What each step is worth, a row each: for the short table and the forest plot above all else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..figures.forest_figure import HELPS, HURTS, UNDECIDED, ForestRow
from ..read.run_set import RunSet
from ..statistics.intervals import Estimate
from ..wording import UNKNOWN, count_text, join_words, metric_text
from .headline import TIED
from .tables import rung_deltas

NOT_COMPARED = "not compared"


@dataclass(frozen=True)
class StepRow:
    """One step of a ladder, or one arm of a study, against what it is compared with."""

    name: str
    verdict: str
    worth: str
    """The difference and its interval, in words; positive is better."""
    seeds: str
    """How many seeds both have."""
    forest: ForestRow

    @property
    def cells(self) -> list[str]:
        """Its row in the table, a text for each of `step_columns`."""
        return [self.name, self.worth, self.verdict, self.seeds]


def step_rows(run_set: RunSet) -> list[StepRow]:
    """A row for each rung that is compared with another, in order."""
    deltas = rung_deltas(run_set)
    return [
        _row(rung.name, deltas.get(rung.name), run_set.deciding.is_accuracy)
        for rung in run_set.rungs
        if rung.against is not None
    ]


def step_columns(run_set: RunSet) -> list[str]:
    """The columns of the table of steps."""
    unit = "points" if run_set.deciding.is_accuracy else metric_text(run_set.deciding.metric)
    return ["step", f"worth, {unit}", "verdict", "seeds"]


def verdict_counts(rows: Sequence[StepRow]) -> str:
    """`Of 8 steps 5 help, 1 hurts and 2 are undecided.`; empty without any."""
    if not rows:
        return ""
    numbers = {
        verdict: sum(row.verdict == verdict for row in rows)
        for verdict in dict.fromkeys((HELPS, HURTS, *(row.verdict for row in rows)))
    }
    listed = [_said(verdict, number) for verdict, number in numbers.items() if number]
    return f"Of {count_text(len(rows), 'step')} {join_words(listed)}."


def certainty(run_set: RunSet, rows: Sequence[StepRow]) -> str:
    """What the verdicts rest on, in a sentence or two."""
    known = [row.forest for row in rows if not math.isnan(row.forest.value)]
    if not known:
        return f"No step shares a finished seed with {run_set.compared_with}."
    turned = "" if run_set.deciding.direction == "max" else ", turned so that above zero is better"
    text = (
        f"Each step against {run_set.compared_with}, seed by seed: the mean difference in "
        f"validation {metric_text(run_set.deciding.metric)}{turned}"
    )
    if all(math.isnan(row.low) for row in known):
        return (
            f"{text}. One seed gives no interval, so that each may be chance; add --seeds 3 to the "
            "command (the runs that are there are kept)."
        )
    return f"{text}, with its 95 % interval."


def _said(verdict: str, number: int) -> str:
    one = number == 1
    if verdict == HELPS:
        return f"{number} {'helps' if one else 'help'}"
    if verdict == HURTS:
        return f"{number} {'hurts' if one else 'hurt'}"
    if verdict in (UNDECIDED, NOT_COMPARED):
        return f"{number} {'is' if one else 'are'} {verdict}"
    return f"{number} {'makes' if one else 'make'} {verdict}"


def _row(name: str, delta: Estimate | None, is_share: bool) -> StepRow:
    if delta is None:
        unknown = ForestRow(name, math.nan, math.nan, math.nan, NOT_COMPARED)
        return StepRow(name, NOT_COMPARED, UNKNOWN, "0", unknown)
    verdict = _verdict(delta)
    forest = ForestRow(name, delta.mean, delta.low, delta.high, verdict)
    return StepRow(name, verdict, worth_text(delta, is_share), f"{delta.count}", forest)


def _verdict(delta: Estimate) -> str:
    # The same difference in every seed gives an interval of no width, which is no certainty.
    if math.isnan(delta.low) or delta.std < TIED:
        return UNDECIDED
    return HELPS if delta.low > 0 else HURTS if delta.high < 0 else UNDECIDED


def worth_text(value: Estimate, is_share: bool) -> str:
    """`+0.9 (-0.3 to +2.2)`: a share in points, hundredths of it; else in the metric's unit."""
    scale, form = (100, "+.1f") if is_share else (1, "+.3g")

    def text(number: float) -> str:
        return f"{scale * number:{form}}".replace("-0.0", "+0.0")

    if math.isnan(value.low):
        return text(value.mean)
    return f"{text(value.mean)} ({text(value.low)} to {text(value.high)})"
