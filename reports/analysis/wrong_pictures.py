"""The validation images that are predicted wrongly: where label errors show first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...runs.wrong_images_file import read_wrong_images
from .image_answers import ImageAnswers, on_same_images

# How many are shown at most.
COUNT = 16
# With fewer runs, what most of them get wrong is what one or two do.
FEWEST_RUNS = 3


@dataclass(frozen=True)
class WrongPicture:
    """A validation image and what is said of it."""

    image: np.ndarray
    """(height, width, channels), uint8."""
    label: int
    """Its class by its label."""
    told: int
    """The class that it is told to be."""
    share: float
    """0..1: of the probability that `told` has, or of the runs that tell it wrongly."""


@dataclass(frozen=True)
class WrongPictures:
    """Validation images that are predicted wrongly, as far as a run kept their pictures."""

    shown: list[WrongPicture]
    """The first of those that have a picture."""
    number: int
    """How many images are predicted wrongly, with a picture or without."""
    without: int
    """How many of them have no picture: each run keeps a few, those that it got wrong with most
    confidence."""


def confidently_wrong(answers: Sequence[ImageAnswers]) -> WrongPictures:
    """The images that the runs of one arm together predict wrongly, the most confident first.

    `share` is the mean of their probabilities for the predicted class.

    Args:
        answers: Of the arm's runs; those on other images than most are left out.

    Raises:
        ReportError: A file of pictures is damaged.
    """
    answers = on_same_images(answers)
    if not answers:
        return WrongPictures([], 0, 0)
    mean = _mean_probabilities(answers)
    return _pictures(answers, mean.argmax(axis=1), mean.max(axis=1), 0.0)


def wrong_in_most(answers: Sequence[ImageAnswers]) -> WrongPictures:
    """The images that more than half of the runs predict wrongly, ordered by their share.

    `share` is that of the runs; the told class is the one that most of these tell. Of equal shares
    those come first whose label all runs together find least probable. Nothing for fewer than three
    runs.

    Raises:
        ReportError: A file of pictures is damaged.
    """
    answers = on_same_images(answers)
    if len(answers) < FEWEST_RUNS:
        return WrongPictures([], 0, 0)
    labels, classes = answers[0].labels, answers[0].logits.shape[1]
    votes = np.zeros((len(labels), classes))
    for one in answers:
        votes[np.arange(len(labels)), one.told] += 1
    votes[np.arange(len(labels)), labels] = 0
    share = votes.sum(axis=1) / len(answers)
    return _pictures(answers, votes.argmax(axis=1), share, 0.5)


def _mean_probabilities(answers: Sequence[ImageAnswers]) -> np.ndarray:
    from scipy.special import softmax

    return np.mean([softmax(one.logits, axis=1) for one in answers], axis=0)


def _pictures(
    answers: Sequence[ImageAnswers], told: np.ndarray, share: np.ndarray, above: float
) -> WrongPictures:
    images: dict[int, np.ndarray] = {}
    for one in answers:
        images |= read_wrong_images(one.run.folder)
    labels = answers[0].labels
    wrong = np.flatnonzero((told != labels) & (share > above))
    of_label = _mean_probabilities(answers)[np.arange(len(labels)), labels]
    order = wrong[np.lexsort((of_label[wrong], -share[wrong]))]
    kept = [place for place in order.tolist() if place in images]
    shown = [
        WrongPicture(images[place], int(labels[place]), int(told[place]), float(share[place]))
        for place in kept[:COUNT]
    ]
    return WrongPictures(shown, len(order), len(order) - len(kept))
