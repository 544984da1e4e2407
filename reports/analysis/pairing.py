"""Whether the runs of two arms pair: the same data, budget and deciding metric, seed by seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...runs.deciding import Deciding
from ...runs.run_folder import Run
from ..read.run_set import Rung

# What is named of a data set that is another, in this order; then its content.
_DATA = ("name", "train", "val", "test", "image_shape", "split_seed", "limit_train", "scaling")
_BUDGET = ("epochs", "batch_size")


def why_unpaired(first: Rung, second: Rung) -> list[str]:
    """What keeps the runs of two arms from being compared seed by seed; nothing where they pair."""
    one, other = ({run.seed: run for run in arm.done} for arm in (first, second))
    seeds = [seed for seed in one if seed in other and seed is not None]
    if not seeds:
        return ["no seed is done in both"]
    reasons = [text for seed in seeds for text in _unlike(one[seed], other[seed])]
    return list(dict.fromkeys(reasons))


def data_differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """What is another in two data sets, as run.json and a study's file tell of them."""
    named = [
        f"{name.replace('_', ' ')} {_told(first.get(name))} and {_told(second.get(name))}"
        for name in _DATA
        if first.get(name) != second.get(name)
    ]
    if not named and first.get("fingerprint") != second.get("fingerprint"):
        named = [f"other content or another split of {first.get('name')}"]
    return named


def _told(value: Any) -> str:
    return "none" if value is None else str(value)


def _unlike(first: Run, second: Run) -> list[str]:
    data, other = (run.details.get("data") or {} for run in (first, second))
    if not data.get("fingerprint") or not other.get("fingerprint"):
        return ["data: not recorded"]
    reasons = [f"data: {text}" for text in data_differences(data, other)]
    budgets = [_budget(run) for run in (first, second)]
    reasons += [
        f"budget: {name.replace('_', ' ')} {budgets[0][name]} and {budgets[1][name]}"
        for name in _BUDGET
        if budgets[0][name] != budgets[1][name]
    ]
    metrics = [Deciding.of(run.details).metric for run in (first, second)]
    if metrics[0] != metrics[1]:
        reasons.append(f"decided by: {metrics[0]} and {metrics[1]}")
    return reasons


def _budget(run: Run) -> dict[str, Any]:
    blueprint = run.details.get("blueprint") or {}
    return {name: blueprint.get(name) for name in _BUDGET}
