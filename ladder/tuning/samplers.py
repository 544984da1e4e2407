"""What proposes the values of a trial, and what gives a trial up before its end: Optuna's."""

from __future__ import annotations

import importlib.util
import math
from typing import Any

import numpy as np

from ...training.errors import LadderError
from .space import Space

SAMPLERS = ("tpe", "random", "grid", "gp")
PRUNERS = ("median", "hyperband", "none")
# The trials that come to their end before the median of them gives others up.
TRIALS_BEFORE_MEDIAN = 5
# Figures of the first epochs say little where the rate warms up: so large a part is waited for.
EPOCHS_BEFORE_MEDIAN = 0.2

# Besides Optuna itself.
_NEEDED = {"gp": ("torch", "scipy")}


def check_sampler(sampler: str, pruner: str) -> None:
    """Refuses unknown names, and what needs a package that is not installed.

    Raises:
        LadderError: saying what is known, or what to install.
    """
    for option, name, known in (("sampler", sampler, SAMPLERS), ("pruner", pruner, PRUNERS)):
        if name not in known:
            raise LadderError(
                f"{option} (--{option}) is one of {', '.join(known)}. Received: {name!r}"
            )
    # Found without being imported: the process that plans loads no backend.
    if importlib.util.find_spec("optuna") is None:
        raise LadderError("tune searches by Optuna, which is not installed: pip install optuna")
    for package in _NEEDED.get(sampler, ()):
        if importlib.util.find_spec(package) is None:
            raise LadderError(
                f"The sampler gp is Optuna's, which needs {package}: install it, or take tpe."
            )


def make_sampler(sampler: str, space: Space, seed: int, asked: int) -> Any:
    """Returns Optuna's sampler for one trial.

    What it draws is a function of the seed and of how many trials were asked for before, so that a
    search that was killed goes on as if it never had been.

    Args:
        sampler: one of SAMPLERS.
        space: what is searched.
        seed: of the search, 0 or above.
        asked: number of trials before this one.
    """
    from optuna import samplers

    if sampler == "grid":
        # The order of the grid is drawn by this seed, and must be the same for all trials.
        return samplers.GridSampler({one.name: one.grid() for one in space.dimensions}, seed=seed)
    drawn = int(np.random.SeedSequence([seed, asked]).generate_state(1)[0])
    if sampler == "tpe":
        # What is under way counts as bad, so that trials at a time are not all alike.
        return samplers.TPESampler(seed=drawn, constant_liar=True)
    kinds = {"random": samplers.RandomSampler, "gp": samplers.GPSampler}
    return kinds[sampler](seed=drawn)


def make_pruner(pruner: str, epochs: int) -> Any:
    """Returns what gives trials up by their validation curves.

    Args:
        pruner: "median" gives up a trial that is worse than the median of those before it at that
            epoch, from a fifth of them on; "hyperband" lets a third of the trials go on at epochs
            1, 3, 9 and so on, in brackets that begin later and later; "none" gives up none.
        epochs: of a trial.
    """
    from optuna import pruners

    if pruner == "none":
        return pruners.NopPruner()
    if pruner == "hyperband":
        return pruners.HyperbandPruner(min_resource=1, max_resource=epochs, reduction_factor=3)
    return pruners.MedianPruner(
        n_startup_trials=TRIALS_BEFORE_MEDIAN,
        # Epochs count from 1, and Optuna's steps from 0.
        n_warmup_steps=1 + math.ceil(EPOCHS_BEFORE_MEDIAN * epochs),
    )
