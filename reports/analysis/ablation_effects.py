"""What each trick of a ladder is worth: as a step of it, alone, and to the full stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ..read.run_set import RunSet
from ..statistics.two_sources import Difference
from ..statistics.verdicts import ERROR, holm
from .effects import contrast
from .judgements import Judgement, Pair, judge_pairs

# In this order in tables and pictures.
WAYS = ("in the ladder", "alone", "left out")


@dataclass(frozen=True)
class TrickEffects:
    """One trick's three differences, each above zero where the trick makes the network better."""

    name: str
    together_with: list[str]
    """The tricks that its rung adds besides, so that the ladder's difference is of all of them."""
    effects: dict[str, Judgement]
    """By the names of `WAYS`, those that there are."""
    refused: list[str]
    """Why it cannot stand alone, or cannot be left out."""
    disagreements: dict[tuple[str, str], Difference]
    """Of the first way less the second, by their names, where both are known."""


def trick_effects(run_set: RunSet) -> list[TrickEffects]:
    """Reads an ablation: a trick each, in the order of the ladder, judged as one family."""
    tricks = run_set.details["tricks"]
    pairs = {trick["name"]: _pairs(trick, run_set) for trick in tricks}
    judged = iter(judge_pairs(run_set, [pair for held in pairs.values() for pair in held.values()]))
    found = []
    for trick in tricks:
        name, held = trick["name"], pairs[trick["name"]]
        together = [
            other["name"]
            for other in tricks
            if other["rung"] == trick["rung"] and other["name"] != name
        ]
        effects = {way: next(judged) for way in held}
        # A rung's difference of several tricks is no other figure of this one.
        own = {way: pair for way, pair in held.items() if not (together and way == WAYS[0])}
        disagreements = _disagreements(own, effects, run_set)
        found.append(TrickEffects(name, together, effects, list(trick["refused"]), disagreements))
    return found


def beyond_chance(tricks: list[TrickEffects]) -> set[tuple[str, tuple[str, str]]]:
    """The disagreements that are not chance, as pairs of a trick's name and the two ways.

    By Holm's step-down procedure over the disagreements of all tricks, at a family-wise error of 5
    per cent.
    """
    tested = {
        (trick.name, ways): found.p
        for trick in tricks
        for ways, found in trick.disagreements.items()
    }
    adjusted = holm(list(tested.values()))
    return {key for key, p in zip(tested, adjusted, strict=True) if p <= ERROR}


def _pairs(trick: Mapping[str, Any], run_set: RunSet) -> dict[str, Pair]:
    """By way, the arm with the trick and the one without it."""
    arms = run_set.by_index
    baseline, full = arms[run_set.details["baseline"]], arms[run_set.details["full"]]
    pairs = {"in the ladder": (arms[trick["rung"]], arms[trick["rung"] - 1])}
    if "alone" in trick:
        pairs["alone"] = (arms[trick["alone"]], baseline)
    if "without" in trick:
        pairs["left out"] = (full, arms[trick["without"]])
    return pairs


def _disagreements(
    pairs: Mapping[str, Pair], effects: Mapping[str, Judgement], run_set: RunSet
) -> dict[tuple[str, str], Difference]:
    """The differences of a trick's differences; where a run failed there is none."""
    whole = {way: pair for way, pair in pairs.items() if not effects[way].failed}
    found = {}
    for first, second in combinations(whole, 2):
        (upper, lower), (other_upper, other_lower) = whole[first], whole[second]
        value = contrast(run_set, (upper, other_lower), (lower, other_upper))
        if value is not None:
            found[first, second] = value
    return found
