"""Predicting the classes of image files with a trained run."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..data.sources.image_folder import read_image
from ..runs.own_sources import own_modules
from ..runs.run_folder import read_run
from ..training.errors import LadderError
from ..training.keras_settings import settle_backend
from ..training.output import printed_to


def predict_files(run: Path, images: Sequence[Path]) -> list[list[tuple[str, float]]]:
    """Returns for each image its classes and their probabilities, the likeliest first.

    Images are resized to those that the run was trained on, and made grey or coloured as they
    were.

    Args:
        run: a run's folder.
        images: image files of any size.

    Raises:
        LadderError: if the folder holds no run with a model.
        DataError: for a file that is no image.
    """
    data = _data(run)
    settle_backend()
    pixels = np.stack([_read(path, data) for path in images])
    # TensorFlow greets at length when it is imported.
    with printed_to(os.devnull):
        logits = _logits(run, pixels)
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return [
        sorted(zip(data["classes"], map(float, row), strict=True), key=lambda pair: -pair[1])
        for row in chances
    ]


def _data(run: Path) -> dict[str, Any]:
    if not (run / "model.keras").is_file():
        raise LadderError(
            f"There is no model.keras in {run}. Give the folder of one run, such as "
            "DIR/runs/07-wider+augmentation-1a2b3c4d, from a ladder climbed without --no-models."
        )
    data: dict[str, Any] = read_run(run).details["data"]
    return data


def _logits(run: Path, pixels: np.ndarray) -> np.ndarray:
    import keras

    # Loading finds layers by their registered names: ours, and those of the user's modules.
    for module in ("trickbook.layers", *own_modules(read_run(run).details["blueprint"])):
        importlib.import_module(module)
    try:
        model = keras.saving.load_model(run / "model.keras", compile=False)
    except (ValueError, TypeError, OSError) as error:
        raise LadderError(f"{run / 'model.keras'} cannot be loaded: {error}") from error
    return model.predict(pixels, verbose=0)


def _read(path: Path, data: dict[str, Any]) -> np.ndarray:
    height, width, channels = data["image_shape"]
    pixels = read_image(path, (height, width), "grey" if channels == 1 else "rgb")
    low, high = data["value_range"]
    return (pixels / 255 * (high - low) + low).astype("float32")
