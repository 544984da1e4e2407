"""What a growth did, as a lecturer would put it: why tricks were tried, and what was decided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..analysis.confirmations import confirmation
from ..analysis.effects import SHARES
from ..analysis.races import (
    BEHIND,
    FAILED,
    KEPT,
    NO_TIME,
    NONE_LED,
    NOTHING,
    TIMES_ALONE,
    TOO_LITTLE,
    UNDECIDED,
    heat_has_ended,
    heat_leads,
    races,
)
from ..read.run_set import RunSet
from ..wording import count_text, join_words, metric_text
from .step_rows import worth_with_unit

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
    "follow, or make more samples out of the existing ones.",
    "diverged": "So lower the rate, and keep steps and signals in bounds.",
    "unread": "So train longer.",
}
ENDS = {
    "nothing": "Nothing more is decided: all that the curves call for was tried on the last model.",
    "time": "The time is over: no further race could have its first look at new seeds.",
    "failed": "Runs of the last model failed, so that nothing can be compared with it any more.",
    "": "The growth has not ended yet: the same command continues it.",
}


_FATES = {
    KEPT: "kept",
    UNDECIDED: "undecided: not kept",
    TOO_LITTLE: "too little to be decided: not kept",
    BEHIND: "no better with new seeds: not kept",
    NO_TIME: "no time for new seeds",
    FAILED: "runs failed: not kept",
}


def called_text(run_set: RunSet, number: int) -> str:
    """What the curves showed, and what is tried for it.

    Args:
        run_set: A growth.
        number: Number of the race, from 0.
    """
    race = races(run_set)[number]
    model, finding = model_text(run_set, race["against"]), race["finding"]
    why = f"Race {number + 1}, on {model}. {finding['sentence']} {_REACTIONS[finding['kind']]}"
    names = [one["name"] for one in race["entrants"]]
    if not names:
        return f"{why} None of what it calls for can be built on this model."
    singles = [name for name in names if name != TOGETHER]
    tried = join_words(singles)
    if len(singles) < len(names):
        members = join_words(_members(run_set, race))
        tried = f"{tried}, and together {members}" if singles else f"together {members}"
    if len(names) == 1:
        return f"{why} Tried: {tried}."
    return f"{why} In the heat, {count_text(race['heat'], 'seed')} each: {tried}."


def led_text(run_set: RunSet, number: int) -> str:
    """Who led the heat, and by how much; empty if the race has none."""
    race = races(run_set)[number]
    if not race["heat"] or len(race["entrants"]) < 2:
        return ""
    leads = heat_leads(run_set, race)
    best_first = sorted(leads, key=lambda arm: (math.isnan(leads[arm]), -leads[arm]))
    names = {one["arm"]: one["name"] for one in race["entrants"]}
    told = ", ".join(f"{names[arm]} {lead_text(run_set, race, arm)}" for arm in best_first)
    seeds = race.get("model_seeds")
    over = "all its seeds, later ones too" if seeds is None else count_text(seeds, "seed")
    said = f"In the heat, against the model's mean over {over}{_unit_words(run_set)}: {told}."
    led, best = race["leader"], best_first[0]
    # Where there was no time for what led, it is not that.
    goes_first = led != best and leads.get(led, 0) * TIMES_ALONE >= leads[best]
    if goes_first and leader_name(race) == TOGETHER:
        said += " None alone led by more than twice as much as several together, which go first."
    return said


def decided_text(run_set: RunSet, number: int) -> str:
    """What new seeds said of the leader, and what is kept."""
    race = races(run_set)[number]
    if not race["entrants"]:
        return "Nothing was raced."
    if not race["leader"]:
        # If the race has a leader, this was said when it led.
        return f"{led_text(run_set, number)} {kept_text(run_set, number)}"
    return f"{confirmed_text(run_set, race)} {kept_text(run_set, number)}".strip()


def confirmed_text(run_set: RunSet, race: Mapping[str, Any]) -> str:
    """`With 5 new seeds dropout is worth +1.2 points, 0.4 to 2.0.`; empty before the first look."""
    found = confirmation(run_set, race)
    if found is None or found.difference is None:
        return ""
    new = "new seeds" if race["heat"] else "seeds"
    # `+1.2 points, +0.4 to +2.0`
    worth = worth_with_unit(found.difference, run_set).replace(" (", ", ").removesuffix(")")
    return f"With {found.seeds} {new} {leader_name(race)} is worth {worth}."


def kept_text(run_set: RunSet, number: int) -> str:
    """How a race ends, in a sentence or two."""
    race = races(run_set)[number]
    if race["outcome"] is None:
        return "Not decided yet."
    what, last = leader_name(race), max(race["looks"], default=0)
    if what == TOGETHER:
        what = f"all together ({join_words(_members(run_set, race))})"
    return {
        KEPT: f"It helps. Kept: {what}.",
        UNDECIDED: f"That is not decided to help with the {last} seeds that a race takes, or that "
        "there was time for: nothing is kept.",
        TOO_LITTLE: f"That is so little that {last} seeds would hardly decide it: nothing is kept.",
        BEHIND: "That is no better than the model: nothing is kept.",
        NONE_LED: "None was better than the model: nothing is kept.",
        NO_TIME: "There was no time to look at what led with new seeds: nothing is kept.",
        FAILED: "Runs of it, or of the model, failed: nothing is kept.",
        NOTHING: "",
    }[race["outcome"]["why"]]


def fate_text(race: Mapping[str, Any], arm: str) -> str:
    """What became of a trick in a race: `kept`, `behind in the heat`."""
    outcome = race["outcome"]
    if arm == race["leader"]:
        return _FATES[outcome["why"]] if outcome else "under way"
    if outcome is None:
        return "under way"
    if arm in outcome["set_aside"]:
        return "no better than the model in the heat"
    return "may try again" if race["leader"] or outcome["why"] == NO_TIME else ""


def leader_name(race: Mapping[str, Any]) -> str:
    """The name of the leader; empty if there is none yet."""
    return next((one["name"] for one in race["entrants"] if one["arm"] == race["leader"]), "")


def lead_text(run_set: RunSet, race: Mapping[str, Any], arm: str) -> str:
    """How far a trick led in the heat: `+1.2`, in points for a share; or why there is no lead."""
    lead = heat_leads(run_set, race)[arm]
    if math.isnan(lead):
        return "failed" if heat_has_ended(run_set, race, arm) else "not finished"
    return f"{100 * lead:+.1f}" if run_set.deciding.metric in SHARES else f"{lead:+.3g}"


def _unit_words(run_set: RunSet) -> str:
    metric = metric_text(run_set.deciding.metric)
    return ", in points" if run_set.deciding.metric in SHARES else f", in {metric}, above 0 better"


def model_text(run_set: RunSet, arm: str) -> str:
    """`the baseline`, or `the baseline + batch_norm + wider`."""
    return " + ".join(["the baseline", *stacked(run_set, arm)])


def stacked(run_set: RunSet, arm: str) -> list[str]:
    """The names of the recipes in an arm's model, in order."""
    recipes: list[str] = []
    rung = run_set.by_name[arm]
    while rung.against is not None:
        recipes = [*rung.recipe.split("+"), *recipes]
        rung = run_set.by_index[rung.against]
    return recipes


def _members(run_set: RunSet, race: Mapping[str, Any]) -> list[str]:
    """The recipes of all tricks together."""
    whole = next(one["arm"] for one in race["entrants"] if one["name"] == TOGETHER)
    return run_set.by_name[whole].recipe.split("+")
