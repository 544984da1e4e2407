"""Which settings made the difference between the trials of a search."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .space import Space

# With fewer trials a forest shows only noise.
FEWEST_TRIALS = 10
RESAMPLES = 12
# The trees of the forest on each resample.
TREES = 8


def importances(
    space: Space, scored: Sequence[Any], resamples: int = RESAMPLES
) -> list[dict[str, Any]]:
    """Returns each setting's share of the variance of the scores, the largest first.

    The share is the main effect by functional ANOVA over a random forest (Hutter, Hoos and
    Leyton-Brown, ICML 2014), as Optuna computes it, averaged over forests on bootstrap samples of
    the trials. The error is the standard deviation over these forests, so that it covers the choice
    of trials and of the forest.

    Args:
        space: what was searched.
        scored: Optuna's trials that are done.
        resamples: number of forests.

    Returns:
        For each setting its `name`, `mean` and `error`, as shares of 1; nothing if there are fewer
        than `FEWEST_TRIALS` trials, no setting varies, or all scores are the same.
    """
    varied = [one for one in space.dimensions if one.size != 1]
    if len(scored) < FEWEST_TRIALS or not varied or len({one.value for one in scored}) < 2:
        return []
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    random = np.random.RandomState(0)
    names = [one.name for one in varied]
    found = []
    for seed in range(resamples):
        places = random.randint(len(scored), size=len(scored))
        if len({scored[place].value for place in places}) > 1:
            found.append(_of_sample([scored[place] for place in places], names, seed))
    shares = np.array(found)
    facts = [
        {"name": name, "mean": float(mean), "error": float(error)}
        for name, mean, error in zip(
            names, shares.mean(axis=0), shares.std(axis=0, ddof=1), strict=True
        )
    ]
    return sorted(facts, key=lambda one: -one["mean"])


def _of_sample(trials: Sequence[Any], names: list[str], seed: int) -> list[float]:
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.add_trials(trials)
        evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=TREES, seed=seed)
        told = optuna.importance.get_param_importances(
            study, evaluator=evaluator, params=names, normalize=False
        )
    return [told[name] for name in names]
