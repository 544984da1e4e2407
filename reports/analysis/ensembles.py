"""What the mean of an arm's runs gains over one of them, and why it is not more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..read.predictions import scores_of
from ..read.run_set import RunSet
from ..statistics.blocks import in_blocks
from ..statistics.ensemble import SharedError, probability_errors, shared_error
from ..statistics.intervals import Estimate, estimate
from .members import Members


@dataclass(frozen=True)
class Gain:
    """A metric's figure of the single runs and of their ensemble."""

    single: float
    """The mean of the runs' figures."""
    ensemble: float
    over_single: Estimate
    """How much better the ensemble is, above zero being better; its interval covers another choice
    of examples, not of runs. Over blocks of examples that are in order of time; NaN of too few."""


@dataclass(frozen=True)
class Ensemble:
    """An arm's runs and the mean of their answers."""

    members: Members
    gains: Mapping[tuple[str, str], Gain]
    """By split and metric."""
    errors: Mapping[str, SharedError]
    """By split."""
    squared: Mapping[str, float]
    """The ensemble's own mean squared error by split; of probabilities summed over the classes."""

    def foretold(self, split: str) -> SharedError:
        """The members' errors on a split with the correlation that was measured on validation."""
        return replace(self.errors[split], correlation=self.errors["val"].correlation)


def ensemble_metrics(run_set: RunSet, members: Members) -> list[str]:
    """The metrics that are told of an ensemble: the deciding one, and of classes the cross-entropy.

    A deciding metric that no score of single examples gives is left out.
    """
    also = ["cross_entropy"] if members.tells_classes else []
    names = dict.fromkeys([run_set.deciding.metric, *also])
    labels, answers = members.labels["val"], members.mean("val")
    return [name for name in names if scores_of(answers, labels, name) is not None]


def ensemble(run_set: RunSet, members: Members) -> Ensemble:
    """What the members say together, against what they say alone."""
    metrics = ensemble_metrics(run_set, members)
    return Ensemble(
        members,
        {
            (split, metric): _gain(run_set, members, split, metric)
            for split in members.outputs
            for metric in metrics
        },
        {
            split: shared_error(_errors(members, outputs, split))
            for split, outputs in members.outputs.items()
        },
        {split: _squared(members, split) for split in members.outputs},
    )


def gain_of(run_set: RunSet, metric: str, together: np.ndarray, alone: np.ndarray) -> Gain:
    """The gain of scores (n,) over the mean of scores (members, n) of the same examples."""
    sign = run_set.deciding.sign if metric == run_set.deciding.metric else -1
    better = in_blocks(sign * (together - alone.mean(axis=0)), run_set.reach)
    return Gain(float(alone.mean()), float(together.mean()), estimate(better.tolist()))


def _gain(run_set: RunSet, members: Members, split: str, metric: str) -> Gain:
    labels = members.labels[split]

    def score(outputs: np.ndarray) -> np.ndarray:
        return np.asarray(scores_of(outputs, labels, metric))

    alone = np.stack([score(outputs) for outputs in members.outputs[split]])
    return gain_of(run_set, metric, score(members.mean(split)), alone)


def _errors(members: Members, outputs: np.ndarray, split: str) -> np.ndarray:
    labels = members.labels[split]
    return probability_errors(outputs, labels) if members.tells_classes else outputs - labels


def _squared(members: Members, split: str) -> float:
    errors = _errors(members, members.mean(split), split)
    return float(np.square(errors).sum() / len(members.labels[split]))
