"""What the pages say of arms that are judged by several views of each image, too."""

from __future__ import annotations

import math

from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from ..wording import difference_text, figure_text, metric_text
from .arm_parts import figures_of, known_columns
from .facts import Part

_READING = (
    "The network is shown each image several times, mirrored and moved, and what it says is "
    "averaged. The figures with views stand beside the plain ones, which decide: whoever uses the "
    "network so pays a forward pass for each view."
)
# What an arm is called; elsewhere it is an arm.
_CALLED = {"ladder": "rung", "": "run"}


def view_part(run_set: RunSet, of_which: str = "") -> list[Part]:
    """A part on what averaging over views gains; empty where no run did so.

    Args:
        run_set: The arms.
        of_which: What its title ends with, where there are other parts of that kind.
    """
    metric = run_set.deciding.metric
    rungs = [
        rung
        for rung in run_set.rungs
        if any(_name("val", metric) in run.metrics for run in rung.done)
    ]
    if not rungs:
        return []
    columns = {_CALLED.get(run_set.kind, "arm"): [rung.name for rung in rungs]}
    for split, title in (("val", "validation"), ("test", "test")):
        told = [_values(rung, _name(split, metric)) for rung in rungs]
        columns |= {
            f"{title} {metric_text(metric)}": figures_of(rungs, split),
            f"{title}, with views": [figure_text(estimate(values)) for values in told],
            f"{title}, gained": [
                difference_text(estimate(_gains(values, rung.values(split), run_set.deciding.sign)))
                for values, rung in zip(told, rungs, strict=True)
            ],
        }
    title = f"Several views of each image{of_which}"
    return [Part(title, [_READING], shown=[known_columns(columns)])]


def _name(split: str, metric: str) -> str:
    return f"{split}_{metric}_with_views"


def _values(rung: Rung, name: str) -> list[float]:
    return [float(run.metrics.get(name, math.nan)) for run in rung.done]


def _gains(with_views: list[float], plain: list[float], sign: int) -> list[float]:
    """By seed, so that what they share is no part of the spread; above 0 is better."""
    return [sign * (one - other) for one, other in zip(with_views, plain, strict=True)]
