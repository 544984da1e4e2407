"""The report in a few sentences: which rung is best, which steps paid, and what is open."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..analysis.best_rung import best_rung, ranking, why_never_best
from ..analysis.judgements import Judgement
from ..analysis.whole_stack import judge_stack
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from ..wording import count_text, figure_text, join_words, metric_text
from .difference_words import no_interval_text
from .step_rows import worth_with_unit
from .verdict_words import (
    amount_text,
    best_seed_text,
    correlation_text,
    early_text,
    outlook_text,
    verdict_text,
    verdicts_text,
)


def headline(run_set: RunSet, judged: Mapping[str, Judgement]) -> list[str]:
    """The sentences that open a report, a paragraph each."""
    best = best_rung(run_set)
    opening = _none_is_best(run_set) if best is None else _best(best, run_set)
    return [opening, *_steps(run_set, list(judged.values()))]


def stack_text(run_set: RunSet) -> str:
    """What the whole ladder is worth: its top rung against the lowest; empty if not known.

    The top rung, not the best: the best is chosen by the very figures that would judge it.
    """
    judged = judge_stack(run_set)
    if judged is None or judged.difference is None or math.isnan(judged.difference.mean):
        return ""
    found = judged.difference
    why = f" ({judged.failed})" if judged.failed else ""
    text = (
        f"The whole stack: {judged.arm} less {judged.against} is worth "
        f"{worth_with_unit(found, run_set)} in validation over {count_text(found.seeds, 'seed')}: "
        f"{verdict_text(judged.verdict, run_set)}{why}.{_turned(run_set)} "
    )
    if not found.is_known:
        return text + no_interval_text(run_set, [found])
    return (
        f"{text}The top rung was fixed beforehand, so this is a single comparison, judged by "
        "itself at 5 %, apart from the steps."
    )


def _none_is_best(run_set: RunSet) -> str:
    name = metric_text(run_set.deciding.metric)
    refused = {rung.name: why_never_best(rung, run_set) for rung in run_set.rungs if rung.done}
    if not any(estimate(rung.values("val")).count for rung in run_set.rungs):
        return f"No run has finished with a validation {name}, so there is nothing to compare."
    listed = "; ".join(f"{rung}: {why}" for rung, why in refused.items() if why)
    return f"No rung is called the best. {listed[:1].upper()}{listed[1:]}."


def _best(rung: Rung, run_set: RunSet) -> str:
    name = metric_text(run_set.deciding.metric)
    val, test = estimate(rung.values("val")), estimate(rung.values("test"))
    spread = (
        f" (mean and standard deviation of {val.count} seeds)" if val.count > 1 else " (one run)"
    )
    tested = f" Its test {name} is {figure_text(test)}." if test.count else ""
    return (
        f"Best by validation: {rung.name}, with a validation {name} of {figure_text(val)}"
        f"{spread}.{tested}{_fairness(run_set)}"
    )


def _fairness(run_set: RunSet) -> str:
    """What was left out of the choice of the best, or which seeds chose it; empty for neither."""
    if run_set.kind == "grow":
        return ""
    ranked = ranking(run_set.rungs, run_set)
    left_out = join_words([rung.name for rung in ranked.waiting])
    own = [len(rung.by_seed("val")) for _, rung in ranked.figures]
    texts = []
    if left_out:
        texts.append(f" Left out until all of their seeds are done: {left_out}.")
    if not ranked.seeds and max(own) > 0 and len(own) > 1:
        texts.append(" No seed is done in all rungs, so that these are means over different seeds.")
    elif ranked.seeds and max(own) > len(ranked.seeds):
        shared = count_text(len(ranked.seeds), "seed")
        texts.append(f" It was chosen by the {shared} that all compared rungs have.")
    return "".join(texts)


def _steps(run_set: RunSet, judged: Sequence[Judgement]) -> list[str]:
    compared = [one for one in judged if one.difference]
    several = [one for one in compared if one.difference and one.difference.seeds > 1]
    sentences = []
    if several:
        sentences = [
            f"By validation {metric_text(run_set.deciding.metric)} against "
            f"{run_set.compared_with}: {verdicts_text(several, run_set)}{_turned(run_set)}",
            early_text(several, run_set),
            *_open(several, run_set),
            correlation_text(several),
            best_seed_text(run_set),
        ]
    single = [one for one in compared if one not in several]
    return [text for text in (*sentences, _single(single, run_set), _missing(judged)) if text]


def _open(several: Sequence[Judgement], run_set: RunSet) -> list[str]:
    """What keeps steps undecided."""
    outlooks = [text for text in (outlook_text(one, run_set) for one in several) if text]
    tied = [
        one.arm
        for one in several
        if one.difference and not one.difference.is_known and not one.failed
    ]
    failed = [f"{one.arm} ({one.failed})" for one in several if one.failed]
    return [
        f"What would decide the undecided: {'; '.join(outlooks)}." if outlooks else "",
        f"{join_words(tied)}: the difference is the same in every seed, which gives no interval "
        "and is no certainty; look at the cross-entropies, or add seeds."
        if tied
        else "",
        f"Not decided, as the mean of the surviving runs is not the rung's: {'; '.join(failed)}."
        if failed
        else "",
    ]


def _single(single: Sequence[Judgement], run_set: RunSet) -> str:
    listed = "; ".join(
        f"{one.arm} ({amount_text(one.difference.mean, run_set, is_signed=True)})"
        for one in single
        if one.difference and not math.isnan(one.difference.mean)
    )
    if not listed:
        return ""
    advice = (
        "; add --seeds 3 to the command for intervals (the runs that are there are kept)"
        if run_set.seeds_asked < 2
        else ""
    )
    return (
        f"Against {run_set.compared_with}, in validation {metric_text(run_set.deciding.metric)}, "
        f"with one seed: {listed}.{_turned(run_set)} One seed gives no interval, so these "
        f"differences may be chance{advice}."
    )


def _missing(judged: Sequence[Judgement]) -> str:
    missing = [one.arm for one in judged if one.difference is None]
    if not missing:
        return ""
    return (
        "Not compared, because no seed is finished in both the rung and its reference: "
        f"{join_words(missing)}."
    )


def _turned(run_set: RunSet) -> str:
    """Says what the sign means where less of the metric is better."""
    return "" if run_set.deciding.direction == "max" else " Above zero is better: it fell."
