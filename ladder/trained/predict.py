"""What trained runs predict for pictures, arrays and tables."""

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
from .saved_model import data_of, load_model

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Predictions:
    """What runs predict for inputs.

    Attributes:
        classes: names of the classes; empty if numbers are predicted.
        inputs: names of the inputs: a picture's path, or a file and the position in it.
        answers: probabilities (inputs, classes), or numbers (inputs, 1) in units of the target,
            float64; the mean over the runs.
        unreadable: by the path of a picture that cannot be read, the reason.
        notes: what to tell the user about the inputs.
    """

    classes: tuple[str, ...]
    inputs: tuple[str, ...]
    answers: np.ndarray
    unreadable: dict[str, str]
    notes: tuple[str, ...] = ()


def predict(runs: Sequence[Run], paths: Sequence[Path]) -> Predictions:
    """Returns the mean over the runs of the classes' probabilities, or of the predicted numbers.

    Pictures are brought to the size that the runs were trained on: cropped, padded or stretched,
    and made grey or coloured, as the training pictures were. Pictures that cannot be read are
    named, and the others are predicted.

    Args:
        runs: runs of one arm, each with a model.keras.
        paths: pictures of any size, folders of them, .npz files of raw inputs, and tables with the
            columns that the runs learnt from.

    Raises:
        LadderError: if a run does not record what it learnt from, or its model cannot be used.
        DataError: for files that cannot be used, or if nothing can be read.
    """
    each = [data_of(run) for run in runs]
    settle_backend()
    # TensorFlow prints long messages when it is imported.
    with printed_to(os.devnull):
        models = [load_model(run) for run in runs]
    classes = tuple(each[0].get("classes") or ())
    batches, answers = [], [np.empty((0, len(classes) or 1))]
    for batch in read_batches(paths, each):
        batches.append(batch._replace(inputs=()))
        if batch.names:
            answers.append(_mean_answers(models, batch.inputs, is_logits=bool(classes)))
    names = tuple(name for batch in batches for name in batch.names)
    unreadable = {path: why for batch in batches for path, why in batch.unreadable.items()}
    if not names:
        raise DataError(" ".join(unreadable.values()) or "There is nothing to predict.")
    notes = tuple(note for batch in batches for note in batch.notes)
    return Predictions(classes, names, np.concatenate(answers), unreadable, notes)


def _mean_answers(
    models: Sequence[keras.Model], inputs: Sequence[np.ndarray], *, is_logits: bool
) -> np.ndarray:
    with printed_to(os.devnull):
        outputs = np.stack(
            [
                model.predict_on_batch(np.asarray(raw, np.float32))
                for model, raw in zip(models, inputs, strict=True)
            ]
        ).astype(np.float64)
    answers: np.ndarray = (softmax(outputs, axis=-1) if is_logits else outputs).mean(axis=0)
    return answers
