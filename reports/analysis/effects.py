"""What arms of a study are worth: contrasts of their deciding validation figures."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from ..read.predictions import scores
from ..read.run_set import Rung, RunSet
from ..statistics.blocks import in_blocks
from ..statistics.resampled import difference_over_splits
from ..statistics.two_sources import Difference, difference

# A difference of a share must be larger to matter, unless the study says otherwise.
MARGIN = 0.01
SHARES = ("accuracy", "balanced_accuracy")


def contrast(
    run_set: RunSet,
    plus: Sequence[Rung],
    minus: Sequence[Rung],
    metric: str | None = None,
    seeds: Collection[int] | None = None,
    split: str = "val",
) -> Difference | None:
    """The sum over the arms `plus` less the sum over the arms `minus`, above zero where better.

    Paired by seed, over the seeds done in all of the arms; and by example where every run kept its
    predictions, so that the interval covers another choice of seeds and of examples. Of examples in
    order of time, blocks of neighbours count as examples, and where they are too few for blocks the
    interval covers seeds alone. Where each seed has a split of its own, examples do not pair over
    seeds: it is the corrected resampled t.

    Args:
        run_set: The study, whose deciding metric is compared.
        plus: Arms that count for the difference.
        minus: As many that count against it: one of each is a plain difference, two of each a
            difference of differences.
        metric: `cross_entropy` to compare that instead.
        seeds: The seeds to look at. None: all.
        split: `val`, which decides, or `test`.

    Returns:
        None where no seed is done in all of the arms.
    """
    deciding = run_set.deciding
    decides = metric is None or metric == deciding.metric
    measure = split if decides else f"{split}_{metric}"
    figures = [arm.by_seed(measure) for arm in (*plus, *minus)]
    known = [{seed for seed, value in one.items() if math.isfinite(value)} for one in figures]
    shared = set.intersection(*known)
    paired = sorted(shared if seeds is None else shared & set(seeds))
    if not paired:
        return None
    by_example = [_scores(arm, paired, metric or deciding.metric, split) for arm in (*plus, *minus)]
    arrays = [array for array in by_example if array is not None]
    if len({array.shape for array in arrays}) != 1 or len(arrays) < len(figures):
        arrays = [np.array([one[seed] for seed in paired]) for one in figures]
    upper, lower = sum(arrays[: len(plus)]), sum(arrays[len(plus) :])
    sign = deciding.sign if decides else -1  # Of a cross-entropy less is better.
    better, worse = map(np.asarray, (upper, lower) if sign > 0 else (lower, upper))
    if run_set.ladder.get("splits"):
        evaluated = run_set.data[split] if better.ndim == 1 else better.shape[1]
        return difference_over_splits(better, worse, run_set.data["train"], evaluated)
    if better.ndim == 2:
        better, worse = (in_blocks(one, run_set.reach) for one in (better, worse))
    return difference(better, worse)


def margin_of(run_set: RunSet) -> float | None:
    """What a difference must be larger than to matter: the study's, or one point of a share."""
    margin = run_set.ladder.get("margin")
    if margin is not None:
        return float(margin)
    return MARGIN if run_set.deciding.metric in SHARES else None


def _scores(arm: Rung, seeds: Sequence[int], metric: str, split: str) -> np.ndarray | None:
    runs = {run.seed: run for run in arm.done}
    rows = [scores(runs[seed], metric, split) for seed in seeds]
    kept = [row for row in rows if row is not None]
    if len(kept) < len(rows) or len({len(row) for row in kept}) != 1:
        return None
    return np.stack(kept)
