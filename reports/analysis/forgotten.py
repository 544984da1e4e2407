"""What became of the data that a run was trained on, in runs that started from its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...runs.run_file import WARM_START
from ...runs.run_folder import Run, read_object
from ..read.predictions import scores
from ..read.run_set import Rung, RunSet
from ..statistics.blocks import in_blocks
from ..statistics.intervals import Estimate, estimate
from ..statistics.two_sources import Difference, difference


@dataclass(frozen=True)
class Started:
    """An arm whose runs started from the weights of another.

    Attributes:
        arm: the arm.
        start: what its runs say of the start, the first of them.
        before: the deciding figure on the old validation examples of the network started from.
        after: that of the arm's runs.
        change: the difference, above zero where better, over seeds and old examples; None where
            neither was measured.
    """

    arm: Rung
    start: dict[str, Any]
    before: Estimate
    after: Estimate
    change: Difference | None


def started_arms(run_set: RunSet) -> list[Started]:
    """Work out, for each arm that started from a run, what was kept of that run's data.

    Raises:
        ReportError: A file of a run is damaged.
    """
    arms = [(rung, [run for run in rung.done if _has_start(run)]) for rung in run_set.rungs]
    return [_started(run_set, rung, runs) for rung, runs in arms if runs]


def _has_start(run: Run) -> bool:
    return (run.folder / WARM_START).is_file()


def _started(run_set: RunSet, arm: Rung, runs: list[Run]) -> Started:
    metric, start = run_set.deciding.metric, read_object(runs[0].folder / WARM_START)
    pairs = [[scores(run, metric, f"old_{when}") for when in ("before", "after")] for run in runs]
    known = [(old, new) for old, new in pairs if old is not None and new is not None]
    if not known:
        nothing = estimate([])
        return Started(arm, start, nothing, nothing, None)
    before, after = (np.stack(side) for side in zip(*known, strict=True))
    better, worse = (after, before) if run_set.deciding.sign > 0 else (before, after)
    # The old examples are in order where the new ones are: both are tables of one kind.
    change = difference(in_blocks(better, run_set.reach), in_blocks(worse, run_set.reach))
    return Started(
        arm,
        start,
        estimate(before.mean(axis=1)[:1].tolist()),
        estimate(after.mean(axis=1).tolist()),
        change,
    )
