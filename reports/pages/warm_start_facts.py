"""What the pages say about arms that started from the weights of a run on other data."""

from __future__ import annotations

from typing import Any

from ..analysis.forgotten import Started, started_arms
from ..read.run_set import RunSet
from ..wording import figure_text, join_words, metric_text
from .arm_parts import known_columns
from .difference_words import effect_text
from .facts import Part

_DIGITS = 12


def warm_start_part(run_set: RunSet) -> list[Part]:
    """A part on what runs started from, and what they forgot; empty if none started that way.

    Raises:
        ReportError: A file of a run is damaged.
    """
    started = started_arms(run_set)
    if not started:
        return []
    metric = metric_text(run_set.deciding.metric)
    columns = {
        run_set.arm_word: [one.arm.name for one in started],
        "started from": [str(one.start["run"]) for one in started],
        "hash of its weights": [str(one.start["weights"])[:_DIGITS] for one in started],
        "layers taken": [_taken(one.start) for one in started],
        "its data": [str(one.start["old"].get("name")) for one in started],
        f"their {metric} before": [figure_text(one.before) for one in started],
        "after": [figure_text(one.after) for one in started],
        "change": [effect_text(one.change) for one in started],
    }
    said = dict.fromkeys(text for one in started for text in _words(one) if text)
    texts = [_reading(run_set), *said]
    return [Part("What was started from, and forgotten", texts, shown=[known_columns(columns)])]


def _reading(run_set: RunSet) -> str:
    return (
        "All seeds of such an arm start from the same weights, so they differ only in order and "
        f"draws. For the old validation {run_set.example}s the table shows how well the network "
        "did that they started from, and how well they do now. The change is below zero if "
        "something was forgotten; in brackets stands a 95 % interval, which covers another choice "
        "of seeds and of these examples."
    )


def _taken(start: dict[str, Any]) -> str:
    return f"{len(start['taken'])} of {len(start['taken']) + len(start['fresh'])}"


def _words(one: Started) -> list[str]:
    start, old = one.start, one.start["old"]
    fresh = join_words([f"{name} ({why})" for name, why in start["fresh"].items()])
    scaling = (
        f"Inputs of runs that started from {start['run']} are scaled as its were."
        if start["keeps_scaling"]
        else f"Inputs have other channels or columns than those of {start['run']}, so they are "
        "scaled by the new data."
    )
    seen = old.get("seen")
    return [
        f"{one.arm.name}: {fresh} started afresh." if fresh else "",
        scaling,
        f"{seen} of the {old['examples']} old examples are among the new training ones, which "
        "flatters what was kept."
        if seen
        else "",
        f"What {one.arm.name} forgot is not measured: {old['unknown']}."
        if "unknown" in old
        else "",
    ]
