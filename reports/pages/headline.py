"""The report in a few sentences: which rung is best, and which steps paid."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..read.best_rung import best_rung, why_never_best
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import Estimate, estimate
from ..wording import count_text, difference_text, join_words, metric_text, spread_text

# Deviations of accuracies below this are rounding.
TIED = 1e-9


def headline(run_set: RunSet, deltas: Mapping[str, Estimate]) -> list[str]:
    """The sentences that open a report, a paragraph each.

    Args:
        run_set: What is reported on.
        deltas: What `summary.rung_deltas` says of it.
    """
    best = best_rung(run_set)
    if best is None:
        return [_none_is_best(run_set), *_steps(run_set, deltas)]
    return [_best(best, run_set), *_steps(run_set, deltas)]


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
    tested = f" Its test {name} is {spread_text(test)}." if test.count else ""
    return (
        f"Best by validation: {rung.name}, with a validation {name} of {spread_text(val)}"
        f"{spread}.{tested}"
    )


def _steps(run_set: RunSet, deltas: Mapping[str, Estimate]) -> list[str]:
    if len(run_set.rungs) < 2:
        return []
    name = metric_text(run_set.deciding.metric)
    known = {rung.name: deltas[rung.name] for rung in run_set.rungs if rung.name in deltas}
    judged = {one: delta for one, delta in known.items() if not math.isnan(delta.low)}
    single = {one: delta for one, delta in known.items() if math.isnan(delta.low)}
    sentences = []
    if judged:
        sentences.append(
            f"Each step is judged by its difference in validation {name} to "
            f"{run_set.compared_with}, seed by seed, with its 95 % interval.{_turned(run_set)}"
        )
        sentences += _judged(judged)
    if single:
        listed = "; ".join(f"{one} ({difference_text(delta)})" for one, delta in single.items())
        sentences.append(
            f"Against {run_set.compared_with}, in validation {name}, with one seed: {listed}."
            f"{_turned(run_set)} One seed "
            "gives no interval, so that these differences may be chance; add --seeds 3 to the "
            "command for intervals (the runs that are there are kept)."
        )
    missing = [rung.name for rung in run_set.rungs if rung.against is not None]
    missing = [name for name in missing if name not in known]
    if missing:
        sentences.append(
            f"Not compared, because it or {run_set.compared_with} has no finished run: "
            f"{join_words(missing)}."
        )
    return sentences


def _turned(run_set: RunSet) -> str:
    """Says what the sign means where less of the metric is better."""
    return "" if run_set.deciding.direction == "max" else " Above zero is better: it fell."


def _verdict(delta: Estimate) -> str:
    return "Helped" if delta.low > 0 else "Hurt" if delta.high < 0 else "Undecided"


def _judged(judged: Mapping[str, Estimate]) -> list[str]:
    groups: dict[str, list[str]] = {"Helped": [], "Hurt": [], "Undecided": [], "Tied": []}
    for name, delta in judged.items():
        # Accuracies come in steps of one image, so a few seeds can differ by just as many images;
        # such an interval has no width, and says nothing.
        group = "Tied" if delta.std < TIED else _verdict(delta)
        groups[group].append(f"{name} ({difference_text(delta)})")
    fewest = min(delta.count for delta in judged.values())
    notes = {
        "Helped": "the interval lies above zero",
        "Hurt": "the interval lies below zero",
        "Undecided": f"the interval holds zero; more than {count_text(fewest, 'seed')} would "
        "narrow it",
        "Tied": "the difference is the same in every seed, so its interval has no width, which is "
        "no certainty; look at the cross-entropies, or add seeds",
    }
    return [
        f"{group} ({notes[group]}): {'; '.join(listed)}."
        for group, listed in groups.items()
        if listed
    ]
