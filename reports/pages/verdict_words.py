"""Verdicts in words: which steps got which, why some are undecided, and what would decide them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ..analysis.best_rung import best_seed_gain
from ..analysis.effects import SHARES, margin_of
from ..analysis.judgements import Judgement
from ..read.run_set import RunSet
from ..statistics.planning import MOST_SEEDS, POWER
from ..statistics.verdicts import ALIKE, HELPS, HURTS, UNDECIDED, Verdict
from ..wording import count_text, join_words, metric_text, number_text

# By how much sums of equal figures may differ.
_ROUNDING = 1e-9


def amount_text(value: float, run_set: RunSet, *, is_signed: bool = False) -> str:
    """`1.2 points` of a share, else `0.42` in the metric's unit."""
    return amount_of(value, run_set.deciding.metric, is_signed=is_signed)


def amount_of(value: float, metric: str, *, is_signed: bool = False) -> str:
    """The same, given the metric's name."""
    sign = "+" if is_signed and value > 0 else "-" if value < 0 else ""
    if metric not in SHARES:
        return f"{sign}{number_text(abs(value))}"
    points = 100 * abs(value)
    shown = f"{points:.2g}" if points < 10 else f"{points:.0f}"
    return f"{sign}{shown} {'point' if shown == '1' else 'points'}"


def verdict_text(verdict: Verdict, run_set: RunSet) -> str:
    """`helps`, or `no difference larger than 1 point`: in the unit that `amount_text` gives."""
    if verdict.kind != ALIKE or verdict.margin is None:
        return verdict.kind
    return f"{ALIKE} larger than {amount_text(verdict.margin, run_set)}"


def told_verdict(cell: str, metric: str, margin: float = math.nan) -> str:
    """A table's verdict in words, as `no difference larger than 1 point`.

    Args:
        cell: A cell of a CSV's column of verdicts. In older ladders, without a column of margins,
            it includes the margin, as in `no difference larger than 0.01`.
        metric: The metric of the difference.
        margin: A cell of the CSV's column of margins, in the unit of its figures; NaN if there is
            no such column.
    """
    kind, larger, own = cell.partition(" larger than ")
    size = float(own) if larger else margin
    if kind != ALIKE or math.isnan(size):
        return kind
    return f"{ALIKE} larger than {amount_of(size, metric)}"


def verdicts_text(judged: Sequence[Judgement], run_set: RunSet) -> str:
    """The arms by verdict: `Helps: a and b. No difference larger than 1 point: c.` and so on."""
    margin = margin_of(run_set)
    alike = "" if margin is None else f"{ALIKE} larger than {amount_text(margin, run_set)}"
    names = {HELPS: HELPS, HURTS: HURTS, ALIKE: alike, UNDECIDED: UNDECIDED}
    found = {
        words: [one.arm for one in judged if one.verdict.kind == kind]
        for kind, words in names.items()
    }
    return " ".join(
        f"{words.capitalize()}: {join_words(arms)}." for words, arms in found.items() if arms
    )


def outlook_text(one: Judgement, run_set: RunSet) -> str:
    """What an undecided comparison could have shown, and what would decide it; else empty."""
    if one.outlook is None or one.difference is None:
        return ""
    seen = amount_text(one.difference.mean, run_set, is_signed=True)
    return f"{one.arm} ({_power_text(one, run_set)}; {_needed_text(one, seen, run_set)})"


def _power_text(one: Judgement, run_set: RunSet) -> str:
    """Which difference this many seeds would show with a high chance."""
    assert one.outlook is not None and one.difference is not None
    seeds, detectable = count_text(one.difference.seeds, "seed"), one.outlook.detectable
    if one.looks:
        seeds = f"a look at {seeds}"
    if run_set.deciding.metric in SHARES and detectable > 1:
        return f"{seeds} cannot be counted on to show any difference"
    show = "shows" if one.looks else "show"
    return f"{seeds} {show} {amount_text(detectable, run_set)} with a chance of {POWER:.0%}"


def _needed_text(one: Judgement, seen: str, run_set: RunSet) -> str:
    if one.outlook is None:
        return ""
    if one.outlook.is_hopeless:
        examples = f"{run_set.example}s"
        if _is_too_cautious(one, run_set):
            return (
                f"whether more would show the {seen} seen is not told: without single predictions, "
                f"the correction for splits that validate on more {examples} than they train on is "
                "far too wide"
            )
        part = f"the {examples}' part alone"
        if run_set.ladder.get("splits"):
            part = f"what the splits' shared {examples} leave open"
        return f"no number of seeds would show the {seen} seen: {part} is too large"
    if one.looks_to_come:
        return _look_text(one, seen)
    if math.isinf(one.outlook.seeds_needed):
        return f"the {seen} seen would take more than {MOST_SEEDS:,}"
    return f"the {seen} seen would take about {one.outlook.seeds_needed:.0f}"


def _is_too_cautious(one: Judgement, run_set: RunSet) -> bool:
    """Whether splits are corrected without knowing what the examples add to their variance."""
    is_by_example = one.difference is not None and one.difference.examples is not None
    trained, evaluated = (run_set.data.get(split, 0) for split in ("train", "val"))
    return bool(run_set.ladder.get("splits")) and not is_by_example and evaluated > trained


def _look_text(one: Judgement, seen: str) -> str:
    """At which of the remaining looks the size seen would show."""
    assert one.outlook is not None
    if math.isinf(one.outlook.seeds_needed):
        return f"the {seen} seen is not likely to show by the last, at {one.looks[-1]}"
    return f"the {seen} seen would be likely to show at {one.outlook.seeds_needed:.0f}"


def early_text(judged: Iterable[Judgement], run_set: RunSet) -> str:
    """What was decided before the last look, and that its difference flatters; empty for none."""
    early = [one for one in judged if one.is_early and one.difference]
    if not early:
        return ""
    listed = join_words([_early_text(one, run_set) for one in early])
    return (
        f"Decided before the last look: {listed}. Looking stops when chance has made a difference "
        "large, so the difference at the deciding look is flattering and its interval too narrow; "
        "the verdict holds. Over seeds that came later it is less flattering."
    )


def _early_text(one: Judgement, run_set: RunSet) -> str:
    assert one.difference is not None
    text = f"{one.arm} at {count_text(one.difference.seeds, 'seed')}"
    seen = amount_text(one.difference.mean, run_set, is_signed=True)
    if one.over_all is None:
        return f"{text} ({seen})"
    now = amount_text(one.over_all.mean, run_set, is_signed=True)
    return f"{text} ({seen}; over all {one.over_all.seeds} it is {now})"


def correlation_text(judged: Iterable[Judgement]) -> str:
    """The correlations of paired arms over their seeds; empty where none is known."""
    known = [one.difference.correlation for one in judged if one.difference]
    known = sorted(value for value in known if not math.isnan(value))
    if not known:
        return ""
    shown = list(dict.fromkeys(f"{value:+.2f}" for value in (known[0], known[-1])))
    return (
        "Pairs share their seeds: over the seeds, the two figures of a pair correlate by "
        f"{' to '.join(shown)}."
    )


def best_seed_text(run_set: RunSet) -> str:
    """How much better the best seed of a rung is than the rung's mean; empty for single seeds."""
    gains = [best_seed_gain(rung, run_set) for rung in run_set.rungs]
    largest = max((gain for gain in gains if not math.isnan(gain)), default=0.0)
    if largest < _ROUNDING:
        return ""
    return (
        f"In validation {metric_text(run_set.deciding.metric)} a rung's best seed is up to "
        f"{amount_text(largest, run_set)} better than the mean of its seeds: reporting only the "
        "best run can flatter by that much."
    )
