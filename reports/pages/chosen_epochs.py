"""What the pages say about arms whose runs end with the weights of a chosen epoch."""

from __future__ import annotations

import math

from ..read.measures import known_metric
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from ..wording import difference_text, metric_text, range_text
from .arm_parts import figures_of, known_columns
from .facts import Part
from .verdict_words import amount_text


def chosen_epoch_part(run_set: RunSet) -> list[Part]:
    """A part on how much the choice of an epoch flatters; empty where no run made one."""
    rungs = [
        rung for rung in run_set.rungs if any("restored_epoch" in r.metrics for r in rung.done)
    ]
    if not rungs:
        return []
    metric = metric_text(run_set.deciding.metric)
    columns = {
        run_set.arm_word: [rung.name for rung in rungs],
        f"validation {metric}": figures_of(rungs, "val"),
        "flattered by": [difference_text(estimate(_told(rung, "flattery"))) for rung in rungs],
        "weights of epoch": [range_text(_told(rung, "restored_epoch")) for rung in rungs],
        "of epochs": [range_text(rung.values("epochs")) for rung in rungs],
    }
    table = known_columns(columns)
    return [Part("The choice of the epoch", [_reading(run_set, rungs)], shown=[table])]


def _reading(run_set: RunSet, rungs: list[Rung]) -> str:
    known = [estimate(_told(rung, "flattery")).mean for rung in rungs]
    largest = max((value for value in known if not math.isnan(value)), default=math.nan)
    begun = (
        "Early stopping ends with the weights of the epoch that was best on the validation "
        "examples, so that the validation figures flatter: the same examples chose the epoch."
    )
    if math.isnan(largest):
        return f"{begun} By how much was not measured."
    return (
        f"{begun} By up to {amount_text(max(largest, 0.0), run_set)} here, as the mean of many "
        "random halvings of these examples says: one half chooses, and is compared with the "
        "other. A choice by all of them flatters less. That part of the difference to an arm that "
        "chooses no epoch is not a gain; the test figures are not flattered."
    )


def _told(rung: Rung, name: str) -> list[float]:
    return [known_metric(run, name) for run in rung.done]
