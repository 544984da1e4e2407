"""What each step is worth, a row each: for the short table and the forest plot that open a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..analysis.effects import SHARES, margin_of
from ..analysis.judgements import Judgement
from ..figures.forest_figure import ForestRow
from ..read.run_set import RunSet
from ..statistics.two_sources import Difference
from ..statistics.verdicts import HELPS, HURTS, UNDECIDED
from ..wording import UNKNOWN, count_text, join_words, metric_text, signed_text
from .difference_words import FAMILIES, blocks_text, no_interval_text
from .verdict_words import amount_text, verdict_text

NOT_COMPARED = "not compared"


@dataclass(frozen=True)
class StepRow:
    """One step of a ladder against what it is compared with."""

    name: str
    kind: str
    """`helps`, `hurts`, `no difference`, `undecided` or `not compared`."""
    cells: list[str]
    """Its row in the table, a text for each of `step_columns`."""
    forest: ForestRow


def step_columns(run_set: RunSet, rows: Sequence[StepRow]) -> list[str]:
    """The columns of the table of steps; without the cross-entropy if it is not known."""
    columns = ["step", f"worth, {unit_text(run_set)}", "verdict", "seeds", "worth, cross-entropy"]
    return columns[: len(rows[0].cells)] if rows else columns


def step_rows(run_set: RunSet, judged: Sequence[Judgement]) -> list[StepRow]:
    """A row for each rung that is compared with another, in order."""
    rows = [_row(one, run_set) for one in judged]
    if all(row.cells[-1] == UNKNOWN for row in rows):
        return [StepRow(row.name, row.kind, row.cells[:-1], row.forest) for row in rows]
    return rows


def verdict_counts(rows: Sequence[StepRow], run_set: RunSet) -> str:
    """`Of 8 steps 5 help, 1 hurts and 2 are undecided.`; empty without any."""
    if not rows:
        return ""
    kinds = dict.fromkeys((HELPS, HURTS, *(row.kind for row in rows)))
    numbers = {kind: sum(row.kind == kind for row in rows) for kind in kinds}
    listed = [_said(kind, number, run_set) for kind, number in numbers.items() if number]
    return f"Of {count_text(len(rows), 'step')} {join_words(listed)}."


def certainty(run_set: RunSet, judged: Sequence[Judgement]) -> str:
    """What the verdicts rest on, in a sentence or two."""
    known = [one.difference for one in judged if one.difference]
    if not known:
        return f"No step shares a finished seed with {run_set.compared_with}."
    turned = "" if run_set.deciding.direction == "max" else ", turned so that above zero is better"
    text = (
        f"Each step against {run_set.compared_with}, seed by seed: the mean difference in "
        f"validation {metric_text(run_set.deciding.metric)}{turned}"
    )
    if all(math.isnan(one.low) for one in known):
        return f"{text}. {no_interval_text(run_set, known)}"
    covered = join_words(list(dict.fromkeys(one.covers for one in known if one.is_known)))
    choice = (
        f", which covers another choice of {covered}{_uncovered(run_set, known)}" if covered else ""
    )
    return (
        f"{text}, with its 95 % interval{choice}. The verdicts hold for all "
        f"{len(judged)} at once: {FAMILIES}"
    )


def _uncovered(run_set: RunSet, known: Sequence[Difference]) -> str:
    """What the interval leaves out, and which option would include it."""
    if run_set.ladder.get("splits"):
        weighed = ""
        trained, evaluated = (run_set.data.get(split, 0) for split in ("train", "val"))
        if evaluated > trained and any(one.examples for one in known):
            weighed = (
                f", with trained and validated {run_set.example}s each weighted by the share that "
                "splits have in common"
            )
        return f" (the corrected resampled t of Nadeau and Bengio 2003{weighed})"
    if run_set.reach is not None:
        return f", not of training {run_set.example}s; {blocks_text(run_set, known)}"
    if run_set.ladder.get("bagging"):
        return (
            f"; each seed trains on {run_set.example}s drawn again from those of one split "
            "(--bagging), so their choice is included as far as one split can show"
        )
    return (
        f", not of training {run_set.example}s: all seeds share one split, and --splits gives each "
        "its own"
    )


def _said(kind: str, number: int, run_set: RunSet) -> str:
    one = number == 1
    if kind == HELPS:
        return f"{number} {'helps' if one else 'help'}"
    if kind == HURTS:
        return f"{number} {'hurts' if one else 'hurt'}"
    if kind in (UNDECIDED, NOT_COMPARED):
        return f"{number} {'is' if one else 'are'} {kind}"
    margin = amount_text(margin_of(run_set) or 0.0, run_set)
    return f"{number} {'makes' if one else 'make'} {kind} larger than {margin}"


def _row(one: Judgement, run_set: RunSet) -> StepRow:
    found = one.difference
    if found is None:
        forest = ForestRow.of(one.arm, None, NOT_COMPARED)
        cells = [one.arm, UNKNOWN, NOT_COMPARED, "0", UNKNOWN]
        return StepRow(one.arm, NOT_COMPARED, cells, forest)
    verdict = verdict_text(one.verdict, run_set)
    if one.over_all is not None:
        verdict += f", decided at {count_text(found.seeds, 'seed')}"
        found = one.over_all  # less flattering
    cells = [
        one.arm,
        worth_text(found, run_set.deciding.metric),
        f"{verdict}: {one.failed}" if one.failed else verdict,
        f"{found.seeds}",
        worth_text(one.cross_entropy, "cross_entropy"),
    ]
    forest = ForestRow.of(one.arm, found, one.verdict.kind)
    return StepRow(one.arm, one.verdict.kind, cells, forest)


def worth_text(value: Difference | None, metric: str) -> str:
    """`+0.9 (-0.3 to +2.2)`: a share in points, hundredths of it; else in the metric's unit."""
    if value is None or math.isnan(value.mean):
        return UNKNOWN
    is_share = metric in SHARES
    is_known = not math.isnan(value.low)
    scale = 100 if is_share else 1
    decimals = 1 if is_share else _decimals(value.high - value.low if is_known else value.mean)

    def text(number: float) -> str:
        return signed_text(scale * number, decimals)

    if not is_known:
        return text(value.mean)
    return f"{text(value.mean)} ({text(value.low)} to {text(value.high)})"


def worth_with_unit(value: Difference, run_set: RunSet) -> str:
    """`+0.9 points (-0.3 to +2.2)`, or `+2.5 RMSE (+1.0 to +4.0)`."""
    mean, bracket, interval = worth_text(value, run_set.deciding.metric).partition(" (")
    return f"{mean} {unit_text(run_set)}{bracket}{interval}"


def unit_text(run_set: RunSet) -> str:
    """The unit of `worth_text`: `points`, or the metric's name."""
    metric = run_set.deciding.metric
    return "points" if metric in SHARES else metric_text(metric)


def _decimals(size: float) -> int:
    """How many decimals show two digits of the size."""
    return min(max(1 - math.floor(math.log10(abs(size))), 0), 6) if size else 3
