"""Predicting the classes of image files with a trained run."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from ..data import DataError
from ..data.sources.image_folder import read_image
from ..runs.own_sources import own_modules
from ..runs.run_folder import read_run
from ..training.errors import LadderError
from ..training.keras_settings import settle_backend
from ..training.output import printed_to


@dataclass(frozen=True)
class Predictions:
    """What a run says of image files.

    Attributes:
        chances: by file, its classes and their probabilities, the likeliest first.
        unreadable: by file that is no image, why.
    """

    chances: dict[Path, list[tuple[str, float]]]
    unreadable: dict[Path, str]


def predict_files(run: Path, images: Sequence[Path]) -> Predictions:
    """Returns the classes of image files and their probabilities.

    Images are resized to those that the run was trained on, and made grey or coloured as they
    were. What cannot be read is named, and the others are predicted.

    Args:
        run: a run's folder.
        images: image files of any size.

    Raises:
        LadderError: if the folder holds no run with a model, or one that tells no classes, or
            whose outputs are not one per class.
        DataError: if none of the files is an image.
    """
    data = _data(run)
    settle_backend()
    pixels, unreadable = _read_all(images, data)
    # TensorFlow greets at length when it is imported.
    with printed_to(os.devnull):
        logits = _logits(run, np.stack(list(pixels.values())), len(data["classes"]))
    chances = {
        path: sorted(zip(data["classes"], map(float, row), strict=True), key=lambda pair: -pair[1])
        for path, row in zip(pixels, softmax(logits.astype(np.float64), axis=1), strict=True)
    }
    return Predictions(chances, unreadable)


def _read_all(
    images: Sequence[Path], data: dict[str, Any]
) -> tuple[dict[Path, np.ndarray], dict[Path, str]]:
    pixels, unreadable = {}, {}
    for path in images:
        try:
            pixels[path] = _read(path, data)
        except DataError as error:
            unreadable[path] = str(error)
    if not pixels:
        raise DataError(" ".join(unreadable.values()))
    return pixels, unreadable


def _data(run: Path) -> dict[str, Any]:
    if not (run / "model.keras").is_file():
        raise LadderError(
            f"There is no model.keras in {run}. Give the folder of one run, such as "
            "DIR/runs/07-wider+augmentation-s0-1a2b3c4d, from a ladder climbed without --no-models."
        )
    data: dict[str, Any] | None = read_run(run).details.get("data")
    if not data:
        raise LadderError(
            f"{run / 'run.json'} does not tell what the model was trained on. Give the folder of a "
            "run that `trickbook run` made."
        )
    if "classes" not in data:
        raise LadderError(f"The run in {run} tells numbers from tables, and no classes of images.")
    return data


def _logits(run: Path, pixels: np.ndarray, classes: int) -> np.ndarray:
    import keras

    # Loading finds layers by their registered names: ours, and those of the user's modules.
    for module in ("trickbook.layers", *sorted(own_modules(read_run(run).details["blueprint"]))):
        _import(module, run)
    try:
        model = keras.saving.load_model(run / "model.keras", compile=False)
    except (ValueError, TypeError, OSError) as error:
        raise LadderError(f"{run / 'model.keras'} cannot be loaded: {error}") from error
    # Runs of 0.1.0 may have any base network.
    if model.output_shape != (None, classes):
        raise LadderError(
            f"The model in {run} has outputs of shape {model.output_shape} for {classes} classes. "
            "Let its base network give one output per class, and train it again."
        )
    return model.predict(pixels, verbose=0)


def _import(module: str, run: Path) -> None:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise LadderError(
            f"The model in {run} needs the module {module!r} of its maker's, and {error}. Install "
            f"it, or start the command in the folder that holds it (now: {Path.cwd()})."
        ) from error
    # A user's module can fail in any way.
    except (Exception, SystemExit) as error:
        raise LadderError(
            f"The model in {run} needs the module {module!r}, and importing it ended with "
            f"{type(error).__name__}: {error}"
        ) from error


def _read(path: Path, data: dict[str, Any]) -> np.ndarray:
    height, width, channels = data["image_shape"]
    return read_image(
        path,
        (height, width),
        "grey" if channels == 1 else "rgb",
        tuple(data["value_range"]),
        # Runs of 0.1.0 say nothing of it: they cut all images to 8 bits.
        has_deep_values=data.get("has_deep_values", False),
    )
