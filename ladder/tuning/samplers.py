"""Optuna's samplers, which propose the values of trials, and pruners, which give trials up."""

from __future__ import annotations

import importlib.util
import math
from typing import Any

import numpy as np

from ...training.errors import LadderError
from .space import Space

SAMPLERS = ("tpe", "random", "grid", "gp")
PRUNERS = ("median", "hyperband", "none")
# The number of trials that must be complete before their median gives up others.
TRIALS_BEFORE_MEDIAN = 5
# The part of the epochs that no trial is given up in: figures say little while the rate warms up.
EPOCHS_BEFORE_MEDIAN = 0.2

# What a sampler needs besides Optuna itself.
_NEEDED = {"gp": ("torch", "scipy")}


def check_sampler(sampler: str, pruner: str) -> None:
    """Refuses unknown names, and samplers that need a package which is not installed.

    Raises:
        LadderError: saying what is known, or what to install.
    """
    for option, name, known in (("sampler", sampler, SAMPLERS), ("pruner", pruner, PRUNERS)):
        if name not in known:
            raise LadderError(
                f"{option} (--{option}) is one of {', '.join(known)}. Received: {name!r}"
            )
    # Looked for without an import: the process that plans loads no backend.
    if importlib.util.find_spec("optuna") is None:
        raise LadderError("tune searches with Optuna, which is not installed: pip install optuna")
    for package in _NEEDED.get(sampler, ()):
        if importlib.util.find_spec(package) is None:
            raise LadderError(
                f"The sampler gp is Optuna's, which needs {package}: install it, or use tpe."
            )


def make_sampler(sampler: str, space: Space, seed: int, asked: int) -> Any:
    """Returns Optuna's sampler for one trial.

    What it draws depends only on the seed and on how many trials were asked for before, so that a
    killed search goes on as if it had never been killed.

    Args:
        sampler: one of SAMPLERS.
        space: what is searched.
        seed: the seed of the search, 0 or above.
        asked: number of trials before this one.
    """
    from optuna import samplers

    if sampler == "grid":
        # The seed draws the order of the grid, which must be the same for all trials.
        return samplers.GridSampler({one.name: one.grid() for one in space.dimensions}, seed=seed)
    drawn = int(np.random.SeedSequence([seed, asked]).generate_state(1)[0])
    if sampler == "tpe":
        # Trials under way count as bad ones, so that simultaneous trials are not all alike.
        return samplers.TPESampler(seed=drawn, constant_liar=True)
    kinds = {"random": samplers.RandomSampler, "gp": samplers.GPSampler}
    return kinds[sampler](seed=drawn)


def make_pruner(pruner: str, epochs: int) -> Any:
    """Returns Optuna's pruner, which gives trials up by their validation curves.

    Args:
        pruner: "median" gives up a trial that is worse than the median of earlier trials at the
            same epoch, once a fifth of the epochs is over; "hyperband" lets a third of the trials
            go on at epochs 1, 3, 9 and so on, in brackets that begin later and later; "none" gives
            up none.
        epochs: number of epochs of a trial.
    """
    from optuna import pruners

    if pruner == "none":
        return pruners.NopPruner()
    if pruner == "hyperband":
        return pruners.HyperbandPruner(min_resource=1, max_resource=epochs, reduction_factor=3)
    return pruners.MedianPruner(
        n_startup_trials=TRIALS_BEFORE_MEDIAN,
        # Epochs count from 1, but Optuna's steps from 0.
        n_warmup_steps=1 + math.ceil(EPOCHS_BEFORE_MEDIAN * epochs),
    )
