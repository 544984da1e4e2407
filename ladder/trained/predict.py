"""What trained runs say of pictures and arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from ...data import DataError
from ...runs.run_folder import Run
from ...training.keras_settings import settle_backend
from ...training.output import printed_to
from .prediction_inputs import read_batches
from .saved_model import images_of, load_model

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Predictions:
    """What runs say of inputs.

    Attributes:
        classes: their names.
        inputs: names of what was read: a picture's path, or an array's file and place there.
        probabilities: (inputs, classes), float64; of several runs the mean.
        unreadable: by path of what is no picture, why.
    """

    classes: tuple[str, ...]
    inputs: tuple[str, ...]
    probabilities: np.ndarray
    unreadable: dict[str, str]


def predict(runs: Sequence[Run], paths: Sequence[Path]) -> Predictions:
    """Returns the probabilities of the classes, the mean over the runs.

    Pictures are brought to the size that the runs were trained on, cropped, padded or stretched and
    made grey or coloured as those were. What cannot be read is named, and the others are predicted.

    Args:
        runs: of one arm, each with a model.keras.
        paths: pictures of any size, folders of them, and .npz files of images in raw pixels.

    Raises:
        LadderError: if a run tells no classes of images, or its model cannot be used.
        DataError: for arrays or folders that cannot be used, or if nothing can be read.
    """
    data = images_of(runs[0])
    settle_backend()
    # TensorFlow greets at length when it is imported.
    with printed_to(os.devnull):
        models = [load_model(run) for run in runs]
    names: list[str] = []
    unreadable: dict[str, str] = {}
    parts = [np.empty((0, len(data["classes"])))]
    for batch in read_batches(paths, data):
        unreadable |= batch.unreadable
        if batch.names:
            names += batch.names
            parts.append(_mean_probabilities(models, batch.pixels))
    if not names:
        raise DataError(" ".join(unreadable.values()) or "There are no images to predict.")
    return Predictions(tuple(data["classes"]), tuple(names), np.concatenate(parts), unreadable)


def _mean_probabilities(models: Sequence[keras.Model], pixels: np.ndarray) -> np.ndarray:
    inputs = np.asarray(pixels, np.float32)
    with printed_to(os.devnull):
        logits = np.stack([model.predict_on_batch(inputs) for model in models])
    probabilities: np.ndarray = softmax(logits.astype(np.float64), axis=-1).mean(axis=0)
    return probabilities
