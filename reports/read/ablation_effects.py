"""What each trick of a ladder is worth: as a step of it, alone, and to the full stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..statistics.two_sources import Difference
from ..statistics.verdicts import ERROR, Verdict, holm
from .effects import contrast, verdicts
from .run_set import Rung, RunSet

# In this order in tables and pictures.
WAYS = ("in the ladder", "alone", "left out")


@dataclass(frozen=True)
class TrickEffects:
    """One trick's three differences, each above zero where the trick makes the network better."""

    name: str
    together_with: list[str]
    """The tricks that its rung adds besides, so that the ladder's difference is of all of them."""
    effects: dict[str, Difference | None]
    """By the names of `WAYS`; None where its arms have no runs to compare."""
    refused: list[str]
    """Why it cannot stand alone, or cannot be left out."""
    disagreements: dict[tuple[str, str], Difference]
    """Of the first way less the second, by their names, where both are known."""


def trick_effects(run_set: RunSet) -> list[TrickEffects]:
    """Reads an ablation: a trick each, in the order of the ladder."""
    arms = {rung.index: rung for rung in run_set.rungs}
    tricks = run_set.details["tricks"]
    return [_effects_of(trick, tricks, arms, run_set) for trick in tricks]


def judged(run_set: RunSet, tricks: list[TrickEffects]) -> dict[tuple[str, str], Verdict]:
    """The verdicts of all tricks in all ways, by trick and way, as one family."""
    keys = [(trick.name, way) for trick in tricks for way in WAYS]
    effects = [trick.effects[way] for trick in tricks for way in WAYS]
    return dict(zip(keys, verdicts(run_set, effects), strict=True))


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


def _effects_of(
    trick: Mapping[str, Any],
    tricks: list[dict[str, Any]],
    arms: Mapping[int, Rung],
    run_set: RunSet,
) -> TrickEffects:
    baseline, full = arms[run_set.details["baseline"]], arms[run_set.details["full"]]
    rung = trick["rung"]
    pairs = {"in the ladder": (arms[rung], arms[rung - 1])}
    if "alone" in trick:
        pairs["alone"] = (arms[trick["alone"]], baseline)
    if "without" in trick:
        pairs["left out"] = (full, arms[trick["without"]])
    of_rung = [other["name"] for other in tricks if other["rung"] == rung]
    together = [name for name in of_rung if name != trick["name"]]
    return TrickEffects(
        name=trick["name"],
        together_with=together,
        effects={
            way: contrast(run_set, pairs[way][:1], pairs[way][1:]) if way in pairs else None
            for way in WAYS
        },
        refused=list(trick["refused"]),
        disagreements=_disagreements(
            {way: pair for way, pair in pairs.items() if not (together and way == WAYS[0])}, run_set
        ),
    )


def _disagreements(
    pairs: Mapping[str, tuple[Rung, Rung]], run_set: RunSet
) -> dict[tuple[str, str], Difference]:
    found = {}
    for place, first in enumerate(pairs):
        for second in list(pairs)[place + 1 :]:
            (upper, lower), (other_upper, other_lower) = pairs[first], pairs[second]
            value = contrast(run_set, (upper, other_lower), (lower, other_upper))
            if value is not None:
                found[first, second] = value
    return found
