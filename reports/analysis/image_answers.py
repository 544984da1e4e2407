"""What the runs of a report said of validation images or rows, where they tell classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...runs.run_folder import Run
from ..read.predictions import examples_of, read_predictions


@dataclass(frozen=True)
class ImageAnswers:
    """What a run's final network said of each validation image."""

    run: Run
    logits: np.ndarray
    """(n, classes), float64."""
    labels: np.ndarray
    """True class numbers, (n,)."""
    examples: tuple[object, ...]
    """What is the same where two runs answered for the same images."""

    @property
    def told(self) -> np.ndarray:
        """Class numbers that it told, (n,)."""
        return np.asarray(self.logits.argmax(axis=1))


def image_answers(runs: Iterable[Run]) -> list[ImageAnswers]:
    """Those of the runs that kept predictions of classes; the order stays.

    Raises:
        ReportError: A file of predictions is damaged.
    """
    found = []
    for run in runs:
        predictions = read_predictions(run)
        if predictions is not None and predictions.has("val"):
            logits = predictions.outputs("val")
            if logits.ndim == 2 and np.isfinite(logits).all():
                labels, examples = predictions.labels("val"), examples_of(run, predictions)
                found.append(ImageAnswers(run, logits, labels, examples))
    return found


def on_same_images(answers: Iterable[ImageAnswers]) -> list[ImageAnswers]:
    """The largest group of them that is of the same validation images."""
    answers = list(answers)
    if not answers:
        return []
    most = Counter(one.examples for one in answers).most_common(1)[0][0]
    return [one for one in answers if one.examples == most]
