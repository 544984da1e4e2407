"""What the pages say about arms that are also judged by several views of each image."""

from __future__ import annotations

import math

from ..analysis.view_gains import view_gain, with_views
from ..read.run_set import RunSet
from ..statistics.intervals import estimate
from ..wording import difference_text, figure_text, metric_text
from .arm_parts import figures_of, known_columns
from .facts import Part

_READING = (
    "The network is shown each image several times, mirrored and moved, and its predictions are "
    "averaged. The figures with views stand beside the plain ones, which decide: using the network "
    "this way costs a forward pass for each view."
)
# What an arm is called; elsewhere it is an arm.
_CALLED = {"ladder": "rung", "": "run"}


def view_part(run_set: RunSet, of_which: str = "") -> list[Part]:
    """A part on what averaging over views gains; empty if no run did so.

    Args:
        run_set: The arms.
        of_which: The end of its title, if there are other parts of that kind.
    """
    deciding = run_set.deciding
    rungs = [
        rung
        for rung in run_set.rungs
        if not all(map(math.isnan, with_views(rung, deciding, "val")))
    ]
    if not rungs:
        return []
    columns = {_CALLED.get(run_set.kind, "arm"): [rung.name for rung in rungs]}
    for split, title in (("val", "validation"), ("test", "test")):
        columns |= {
            f"{title} {metric_text(deciding.metric)}": figures_of(rungs, split),
            f"{title}, with views": [
                figure_text(estimate(with_views(rung, deciding, split))) for rung in rungs
            ],
            f"{title}, gained": [
                difference_text(view_gain(rung, deciding, split)) for rung in rungs
            ],
        }
    title = f"Several views of each image{of_which}"
    return [Part(title, [_READING], shown=[known_columns(columns)])]
