"""Stacking: a logistic regression that weighs the answers of several networks.

Wolpert, Neural Networks 5, 1992: what weighs the networks must not be fitted on examples that they
were trained on. It is fitted on the validation images here; its own figures there are out of fold,
by which the strength of its penalty is chosen too, and the test images judge it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..read.predictions import scores_of
from ..read.run_set import RunSet
from ..statistics.ensemble import mean_logits
from .best_rung import best_rung
from .ensembles import Gain, gain_of
from .members import Members

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

FOLDS = 5
# scikit-learn's C, the inverse of the penalty's weight.
STRENGTHS = (0.001, 0.01, 0.1)
# Numbers that one pass of a fit multiplies at most, so that all fits of a report take a second or
# so; with more, the first validation images alone are fitted on.
WORK = 1_500_000
# Below this a probability is as good as 0, and its logarithm would drown all others.
LEAST = 1e-6


@dataclass(frozen=True)
class Stacking:
    """One stacked classifier."""

    name: str
    images: int
    """How many validation images it was fitted on."""
    strength: float
    """scikit-learn's C, that of the lowest cross-entropy out of fold."""
    gains: Mapping[tuple[str, str], Gain]
    """By split and metric; `ensemble` is the stacked figure and `single` that of the plain mean of
    the same answers. On validation it is out of fold."""


def stackings(run_set: RunSet, arms: Sequence[Members]) -> list[Stacking]:
    """One over the seeds of the best arm and one over the arms, as far as there are such.

    Not of numbers, and not where a class has fewer than five of the images to fit on.
    """
    from threadpoolctl import threadpool_limits

    arms = [arm for arm in arms if arm.tells_classes]
    best = best_rung(run_set)
    asked = {
        f"the seeds of {arm.name}": arm
        for arm in arms
        if best is not None and arm.name == best.name
    }
    together = _arms_together(arms)
    if together is not None:
        asked[f"{len(together.seeds)} arms"] = together
    # Of matrices so small threads only wait for one another, for minutes where runs train beside.
    with threadpool_limits(1):
        found = [_stacked(run_set, name, members) for name, members in asked.items()]
    return [one for one in found if one is not None]


def _arms_together(arms: Sequence[Members]) -> Members | None:
    """The arms' means as members; None for fewer than two arms of the same examples."""
    alike = [arm for arm in arms if _same_examples(arm, arms[0])]
    if len(alike) < 2:
        return None
    outputs = {split: np.stack([arm.mean(split) for arm in alike]) for split in alike[0].outputs}
    return Members("arms", (None,) * len(alike), outputs, alike[0].labels)


def _same_examples(one: Members, other: Members) -> bool:
    return one.labels.keys() == other.labels.keys() and all(
        np.array_equal(one.labels[split], other.labels[split]) for split in one.labels
    )


def _stacked(run_set: RunSet, name: str, members: Members) -> Stacking | None:
    count, _, classes = members.outputs["val"].shape
    images = min(len(members.labels["val"]), WORK // (count * classes * classes))
    labels = members.labels["val"][:images]
    if np.bincount(labels, minlength=classes).min() < FOLDS:
        return None
    inputs = {split: _inputs(outputs) for split, outputs in members.outputs.items()}
    strength, out_of_fold = _strength(inputs["val"][:images], labels)
    answers = {"val": out_of_fold}
    if "test" in inputs:
        model = _model(strength).fit(inputs["val"][:images], labels)
        answers["test"] = model.predict_log_proba(inputs["test"])
    metrics = dict.fromkeys([run_set.deciding.metric, "cross_entropy"])
    gains = {
        (split, metric): _gain(run_set, members, split, answer, metric)
        for split, answer in answers.items()
        for metric in metrics
    }
    return Stacking(name, images, strength, gains)


def _inputs(outputs: np.ndarray) -> np.ndarray:
    """Log-probabilities (examples, members x classes) of logits (members, examples, classes)."""
    from scipy.special import log_softmax

    known = np.maximum(log_softmax(outputs, axis=-1), np.log(LEAST))
    return np.concatenate(list(known), axis=1)


def _model(strength: float) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    # A stricter tolerance takes five times as long and moves the cross-entropy by a hundredth.
    return LogisticRegression(C=strength, max_iter=1000, tol=1e-2)


def _strength(inputs: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """The strength of the lowest cross-entropy out of fold, and the log-probabilities of it."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    answers = {
        strength: cross_val_predict(
            _model(strength), inputs, labels, cv=folds, method="predict_log_proba"
        )
        for strength in STRENGTHS
    }
    losses = {
        strength: np.asarray(scores_of(answer, labels, "cross_entropy")).mean()
        for strength, answer in answers.items()
    }
    best = min(losses, key=lambda strength: losses[strength])
    return best, answers[best]


def _gain(run_set: RunSet, members: Members, split: str, answer: np.ndarray, metric: str) -> Gain:
    count = len(answer)
    labels = members.labels[split][:count]
    plain = mean_logits(members.outputs[split][:, :count])
    scored = [np.asarray(scores_of(one, labels, metric)) for one in (answer, plain)]
    return gain_of(run_set, metric, scored[0], scored[1][None])
