"""What arms of a study are worth: contrasts of their deciding validation figures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..statistics.two_sources import Difference, difference
from .predictions import scores
from .run_set import Rung, RunSet


def contrast(run_set: RunSet, plus: Sequence[Rung], minus: Sequence[Rung]) -> Difference | None:
    """The sum over the arms `plus` less the sum over the arms `minus`, above zero where better.

    Paired by seed, over the seeds done in all of the arms; and by example where every run kept its
    predictions, so that the interval covers another choice of seeds and of examples.

    Args:
        run_set: The study, whose deciding metric is compared.
        plus: Arms that count for the difference.
        minus: As many that count against it: one of each is a plain difference, two of each a
            difference of differences.

    Returns:
        None where no seed is done in all of the arms.
    """
    figures = [arm.by_seed("val") for arm in (*plus, *minus)]
    known = [{seed for seed, value in one.items() if math.isfinite(value)} for one in figures]
    seeds = sorted(set.intersection(*known))
    if not seeds:
        return None
    by_example = [_scores(arm, seeds, run_set.deciding.metric) for arm in (*plus, *minus)]
    arrays = [array for array in by_example if array is not None]
    if len({array.shape for array in arrays}) != 1 or len(arrays) < len(figures):
        arrays = [np.array([one[seed] for seed in seeds]) for one in figures]
    upper, lower = sum(arrays[: len(plus)]), sum(arrays[len(plus) :])
    pair = (upper, lower) if run_set.deciding.sign > 0 else (lower, upper)
    return difference(*map(np.asarray, pair))


def _scores(arm: Rung, seeds: Sequence[int], metric: str) -> np.ndarray | None:
    runs = {run.seed: run for run in arm.done}
    rows = [scores(runs[seed], metric) for seed in seeds]
    kept = [row for row in rows if row is not None]
    if len(kept) < len(rows) or len({len(row) for row in kept}) != 1:
        return None
    return np.stack(kept)
