"""What a growth did, as a lecturer would say it: why tricks were tried, and what was decided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..analysis.effects import SHARES
from ..analysis.judgements import Judgement, compared_pairs, judge_pairs
from ..analysis.races import race_set
from ..read.run_set import RunSet
from ..statistics.verdicts import ALIKE, HELPS, HURTS
from ..wording import join_words, metric_text
from .step_rows import worth_text

TOGETHER = "together"
# What the lecture does where a model's curves show this (decks L3, L4, L2, L0).
_REACTIONS = {
    "over-fitting": "So regularise.",
    "oscillating": "So lower the rate, or let it fall.",
    "improving": "So train longer, or faster.",
    "validation-better": "Validation keeps up with training, so add capacity.",
    "under-fitting": "So add capacity, or make it train better.",
    "saturated": "So let the rate fall, or take another model.",
    "balanced": "Training and validation are close, so add capacity and expect validation to "
    "follow, or make more samples of those that there are.",
    "diverged": "So lower the rate, and keep steps and signals in bounds.",
    "unread": "So train longer.",
}
ENDS = {
    "nothing": "Nothing more is decided: all that the curves call for was tried on the last model.",
    "time": "The time is over: no further race could have its first look.",
    "failed": "Runs of the last model failed, so that nothing can be compared with it any more.",
    "": "It is not at its end yet: the same command goes on.",
}


def race_title(run_set: RunSet, number: int) -> str:
    """`Race 1: over-fitting`.

    Args:
        run_set: A growth.
        number: Of the race, from 0.
    """
    return f"Race {number + 1}: {run_set.details['races'][number]['finding']['kind']}"


def called_text(run_set: RunSet, number: int) -> str:
    """What the curves showed, and what is tried for it."""
    race = run_set.details["races"][number]
    model = model_text(run_set, race["against"])
    names = [trick_name(one) for one in race["entrants"]]
    if not names:
        return (
            f"Race {number + 1}, on {model}. {race['finding']['sentence']} {_reaction(race)} "
            "None of what it calls for can be built on this model."
        )
    singles = [name for name in names if name != TOGETHER]
    tried = join_words(singles)
    if len(singles) < len(names):
        members = join_words(_members(run_set, race))
        tried = f"{tried}, and together {members}" if singles else f"together {members}"
    return (
        f"Race {number + 1}, on {model}. {race['finding']['sentence']} {_reaction(race)} Tried: "
        f"{tried}."
    )


def decided_text(run_set: RunSet, number: int) -> str:
    """What became of each trick of a race, and what is kept."""
    race = run_set.details["races"][number]
    raced = race_set(run_set, race)
    judged = {one.arm: one for one in judge_pairs(raced, compared_pairs(raced))}
    told = [
        f"{trick_name(one)} ({fate_text(run_set, race, one['arm'], judged.get(one['arm']))})"
        for one in race["entrants"]
    ]
    return f"{'; '.join(told)}. {kept_text(run_set, number)}" if told else "Nothing was raced."


def kept_text(run_set: RunSet, number: int) -> str:
    """What a race ends with, in a sentence or two."""
    race = run_set.details["races"][number]
    outcome = race["outcome"]
    if outcome is None:
        return "Not decided yet."
    late = " There was no time for another look." if outcome["out_of_time"] else ""
    if outcome["kept"] is None:
        return f"Nothing is decided to help, so nothing is kept.{late}"
    kept = next(one for one in race["entrants"] if one["arm"] == outcome["kept"])
    what = trick_name(kept)
    if what == TOGETHER:
        what = f"all together ({join_words(_members(run_set, race))})"
    others = [
        trick_name(one)
        for one in race["entrants"]
        if outcome["verdicts"].get(one["arm"]) == HELPS and one is not kept
    ]
    others = [name for name in others if name != TOGETHER]
    beside = f" {join_words(others)} helped too." if others else ""
    return f"Kept: {what}.{beside}"


def fate_text(run_set: RunSet, race: Mapping[str, Any], arm: str, judged: Judgement | None) -> str:
    """`+1.2 points, 0.4 to 2.0: kept`: what a trick was worth in a race, and what became of it."""
    outcome = race["outcome"] or {"kept": None, "verdicts": {}, "failed": []}
    kind = outcome["verdicts"].get(arm, "")
    fates = {HURTS: "hurts: dropped", ALIKE: "no difference that matters: dropped"}
    undecided = f"undecided{_cut_short(run_set, race, arm)}: not kept"
    if arm == outcome["kept"]:
        fate = "kept"
    elif arm in outcome["failed"]:
        fate = f"not kept: {judged.failed if judged else 'runs failed'}"
    elif kind == HELPS:
        fate = "helps, and no more than what is kept"
    else:
        fate = fates.get(kind, undecided if race["outcome"] else "under way")
    worth = amount(run_set, judged)
    return f"{worth}: {fate}" if worth else fate


def _cut_short(run_set: RunSet, race: Mapping[str, Any], arm: str) -> str:
    """Of an arm that there was no time to give as many seeds as what led it."""
    seeds = run_set.details["seeds_of_arms"]
    most = max(seeds[one["arm"]] for one in race["entrants"])
    return " with fewer seeds, for the time was short" if seeds[arm] < most else ""


def amount(run_set: RunSet, judged: Judgement | None) -> str:
    """`+1.2 points, 0.4 to 2.0`; empty where nothing is known."""
    if judged is None or judged.difference is None or math.isnan(judged.difference.mean):
        return ""
    is_share = run_set.deciding.metric in SHARES
    mean, bracket, interval = worth_text(judged.difference, is_share).partition(" (")
    unit = " points" if is_share else f" {metric_text(run_set.deciding.metric)}"
    ends = interval.rstrip(")")
    return f"{mean}{unit}, {ends}" if bracket else f"{mean}{unit}"


def model_text(run_set: RunSet, arm: str) -> str:
    """`the baseline`, or `the baseline + batch_norm + wider`."""
    recipes = ["the baseline", *stacked(run_set, arm)]
    return " + ".join(recipes)


def stacked(run_set: RunSet, arm: str) -> list[str]:
    """The names of the recipes in an arm's model, in order."""
    by_name = {rung.name: rung for rung in run_set.rungs}
    by_index = {rung.index: rung for rung in run_set.rungs}
    recipes: list[str] = []
    rung = by_name[arm]
    while rung.against is not None:
        recipes = [*rung.recipe.split("+"), *recipes]
        rung = by_index[rung.against]
    return recipes


def trick_name(entrant: Mapping[str, Any]) -> str:
    """The name of what was raced."""
    return str(entrant["name"])


def _members(run_set: RunSet, race: Mapping[str, Any]) -> list[str]:
    """The recipes of all tricks together."""
    whole = next(one["arm"] for one in race["entrants"] if trick_name(one) == TOGETHER)
    return next(rung.recipe for rung in run_set.rungs if rung.name == whole).split("+")


def _reaction(race: Mapping[str, Any]) -> str:
    if race["beside"]:
        return "What helped beside it in an earlier race comes first."
    return _REACTIONS[race["finding"]["kind"]]
