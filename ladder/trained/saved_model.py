"""The model that a run has saved, and what is known about the data that it was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...runs.run_folder import Run
from ...training.errors import LadderError

if TYPE_CHECKING:
    import keras


def check_saved(folder: Path) -> None:
    """Refuses a run without a model.

    Raises:
        LadderError: saying how to get it.
    """
    if not (folder / "model.keras").is_file():
        raise LadderError(
            f"There is no model.keras in {folder}: runs keep theirs unless --no-models is given. "
            "Delete the run's folder, and `trickbook run` without --no-models trains it again."
        )


def data_of(run: Run) -> dict[str, Any]:
    """Returns what run.json says about the data: `classes`, `image_shape`, `value_range` and more.

    Raises:
        LadderError: if it says nothing about them.
    """
    data: dict[str, Any] | None = run.details.get("data")
    if not data:
        raise LadderError(
            f"{run.folder / 'run.json'} does not tell what the model was trained on. Give the "
            "folder of a run that `trickbook run` made."
        )
    return data


def shape_of(data: Mapping[str, Any]) -> list[int]:
    """Returns the shape of a raw input."""
    shape: list[int] = data.get("image_shape") or data["input_shape"]
    return shape


def load_model(run: Run) -> keras.Model:
    """Returns the run's model, from raw inputs to logits or values.

    This imports Keras, which loads its backend.

    Raises:
        LadderError: if it cannot be loaded, or does not have one output per class.
    """
    from ...training.load_saved import load_saved

    model = load_saved(run)
    _check_outputs(model, run)
    return model


def _check_outputs(model: keras.Model, run: Run) -> None:
    classes = len(data_of(run).get("classes") or ())
    # Runs of version 0.1.0 may have any base network.
    if classes and model.output_shape != (None, classes):
        raise LadderError(
            f"The model in {run.folder} has outputs of shape {model.output_shape} for {classes} "
            "classes. Let its base network give one output per class, and train it again."
        )
