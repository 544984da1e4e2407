"""How many epochs a rung takes to be as good as the first one is in the end, seed by seed.

The decks say of some tricks that training gets faster (L0, L1 and L4 of batch normalisation): this
is what can be counted of it. A noisy curve touches a level before it stays there, that of the first
rung too; the counts of two rungs compare all the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...runs.deciding import Deciding
from ...runs.history import accuracy_name
from ..read.epochs import final_level, measured
from ..read.run_set import Rung, RunSet

if TYPE_CHECKING:
    import pandas as pd


def end_levels(run_set: RunSet) -> dict[int, float]:
    """By seed, the validation figure that decides in the last eighth of the first rung's epochs."""
    curves = {
        run.seed: _curve(run.history, run_set.deciding)[1]
        for run in run_set.rungs[0].done
        if run.seed is not None
    }
    return {seed: final_level(values) for seed, values in curves.items() if len(values)}


def epochs_to_reach(rung: Rung, levels: Mapping[int, float], deciding: Deciding) -> list[float]:
    """The first epoch of each run's curve at the level of its seed; infinite if it never is.

    Args:
        rung: Whose runs that are done are looked at, if there is a level for their seed.
        levels: By seed, a validation figure of the deciding metric.
        deciding: What decides.
    """
    found = []
    for run in rung.done:
        if run.seed is not None and run.seed in levels:
            epochs, values = _curve(run.history, deciding)
            there = epochs[deciding.sign * values >= deciding.sign * levels[run.seed]]
            found.append(float(there[0]) if len(there) else math.inf)
    return found


def _curve(history: pd.DataFrame, deciding: Deciding) -> tuple[np.ndarray, np.ndarray]:
    name = accuracy_name(history) if deciding.is_accuracy else deciding.metric
    return measured(history, f"val_{name}")
