"""The runs of an arm as members of an ensemble: their answers on the same examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..read.predictions import Predictions, examples_of, read_predictions
from ..read.run_set import Rung, RunSet
from ..statistics.ensemble import mean_logits

SPLITS = ("val", "test")


@dataclass(frozen=True)
class Members:
    """Answers of the runs of an arm, the seeds in order."""

    name: str
    seeds: tuple[int | None, ...]
    outputs: Mapping[str, np.ndarray]
    """By split: logits (members, n, classes), or values (members, n) in units of the target."""
    labels: Mapping[str, np.ndarray]
    """By split: true class numbers, or numbers, (n,)."""

    @property
    def tells_classes(self) -> bool:
        """Whether the answers are logits."""
        return self.outputs["val"].ndim == 3

    def mean(self, split: str) -> np.ndarray:
        """What the members say together: logits of the mean probabilities, or the mean value."""
        outputs = self.outputs[split]
        return mean_logits(outputs) if self.tells_classes else outputs.mean(axis=0)


def arm_members(run_set: RunSet) -> list[Members]:
    """Those of each arm of which two runs or more kept their predictions of the same examples.

    A run whose answers are not all finite is no member.

    Raises:
        ReportError: A file of predictions is damaged.
    """
    found = [_members(rung) for rung in run_set.rungs]
    return [members for members in found if members is not None]


def _members(rung: Rung) -> Members | None:
    read = [(run, read_predictions(run)) for run in rung.done]
    kept = [(run, one) for run, one in read if one is not None and _is_finite(one)]
    if len(kept) < 2 or len({examples_of(run, one) for run, one in kept}) > 1:
        return None
    predictions = [one for _, one in kept]
    splits = [split for split in SPLITS if all(one.has(split) for one in predictions)]
    return Members(
        rung.name,
        tuple(run.seed for run, _ in kept),
        {split: np.stack([one.outputs(split) for one in predictions]) for split in splits},
        {split: predictions[0].labels(split) for split in splits},
    )


def _is_finite(predictions: Predictions) -> bool:
    splits = [split for split in SPLITS if predictions.has(split)]
    return "val" in splits and all(np.isfinite(predictions.outputs(one)).all() for one in splits)
