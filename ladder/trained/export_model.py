"""Exporting a run's model to a format for use elsewhere, and checking what was written."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...data.errors import listed
from ...runs.example_word import example_word
from ...runs.run_folder import Run, read_run
from ...training.errors import LadderError
from ...training.keras_settings import settle_backend
from ...training.output import printed_to
from .exported_outputs import READERS
from .float32_model import in_float32
from .onnx_erfc import register_erfc
from .saved_model import check_saved, data_of, load_model, shape_of
from .stored_examples import stored_examples
from .unrolled_model import unroll

if TYPE_CHECKING:
    import keras

# The largest difference that can be rounding: in probabilities, or as a share of the largest value.
_TOLERANCE = 1e-4
# The same in mixed precision: bfloat16 has 8 bits of mantissa.
_MIXED_TOLERANCE = 2e-2


class ExportFormat(StrEnum):
    """The formats that a model can be exported to."""

    KERAS = "keras"
    SAVEDMODEL = "savedmodel"
    ONNX = "onnx"
    TFLITE = "tflite"

    @property
    def ending(self) -> str:
        """The ending of the file's name; a SavedModel is a folder."""
        return "-savedmodel" if self is ExportFormat.SAVEDMODEL else f".{self}"


_KERAS_NAMES = {
    ExportFormat.SAVEDMODEL: "tf_saved_model",
    ExportFormat.ONNX: "onnx",
    ExportFormat.TFLITE: "litert",
}
_NEEDED = {
    ExportFormat.KERAS: (),
    ExportFormat.SAVEDMODEL: ("tensorflow",),
    ExportFormat.ONNX: ("tensorflow", "tf2onnx", "onnxruntime"),
    ExportFormat.TFLITE: ("tensorflow",),
}


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: where it was written.
        about: what goes in and comes out, a sentence or two.
        examples: on how many inputs it was checked to agree with the run's model.
        difference: the largest difference on these, in probabilities or as a share of the largest
            value.
    """

    path: Path
    about: str
    examples: int
    difference: float


def export_run(folder: Path, form: ExportFormat, out: Path | None = None) -> Exported:
    """Writes the run's model from raw inputs to probabilities, or to values in units of the target.

    Args:
        folder: folder of the run.
        form: the format.
        out: the file to write, or the folder for a SavedModel; None is a path in the current folder
            that is named after the run's folder.

    Raises:
        LadderError: if the run has no model, a package is missing, the path exists already, Keras
            cannot export the model, or the outputs of what was written differ from the model's.
    """
    out = out or Path(f"{folder.resolve().name}{form.ending}")
    _check_run(folder)
    run = read_run(folder)
    data = data_of(run)
    _check_packages(form)
    if out.exists():
        raise LadderError(f"{out} exists already. Give another path as --out, or remove it.")
    # Any backend loads a model, and Keras exports from TensorFlow to all of these formats.
    settle_backend(None if form is ExportFormat.KERAS else "tensorflow")
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        printed_to(os.devnull),
        tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as scratch,
    ):
        written, examples = Path(scratch) / f"model{form.ending}", stored_examples(run)
        difference = _write_checked(run, written, form, examples)
        written.rename(out)
    return Exported(out, _about(data), len(examples), difference)


def _write_checked(run: Run, path: Path, form: ExportFormat, examples: np.ndarray) -> float:
    """Writes the run's model; returns the largest difference of its outputs on the examples."""
    data = data_of(run)
    model = _answering(load_model(run), data)
    expected = _outputs(model, examples)
    if form in (ExportFormat.ONNX, ExportFormat.TFLITE) and not _is_exact(run):
        model = in_float32(model)  # Neither format converts layers that compute in bfloat16.
    if form is ExportFormat.TFLITE:
        unroll(model)  # Its interpreter has no lists in which to collect a loop's outputs.
    found = _written(model, path, form, examples)
    difference = _difference(found, expected, of_values="classes" not in data)
    # `not <=`, so that NaN is refused too.
    if not difference <= (_TOLERANCE if _is_exact(run) else _MIXED_TOLERANCE):
        raise LadderError(
            f"What was written as {form} gives other outputs than model.keras in {run.folder}: up "
            f"to {difference:.2g} apart. It was not kept."
        )
    return difference


def _check_run(folder: Path) -> None:
    if not folder.is_dir():
        raise LadderError(f"There is no folder {folder}. Give that of a run.")
    runs = sorted(path.parent.name for path in folder.glob("runs/*/run.json"))
    if runs:
        raise LadderError(
            f"{folder} holds a study. Give the folder of one run in it, such as runs/{runs[0]}."
        )
    check_saved(folder)


def _check_packages(form: ExportFormat) -> None:
    missing = [name for name in _NEEDED[form] if importlib.util.find_spec(name) is None]
    if missing:
        extra = "trickbook[onnx]" if form is ExportFormat.ONNX else "tensorflow"
        raise LadderError(
            f"--format {form} needs {', '.join(missing)}, not installed here: pip install '{extra}'"
        )


def _answering(model: keras.Model, data: Mapping[str, Any]) -> keras.Model:
    """Returns the model with probabilities in place of logits, if it predicts classes."""
    import keras

    (inputs,) = model.inputs
    if "classes" not in data:
        return keras.Model(inputs, model.output, name="trickbook")
    softmax = keras.layers.Softmax(name="probabilities", dtype="float32")
    return keras.Model(inputs, softmax(model.output), name="trickbook")


def _outputs(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    import keras

    outputs: np.ndarray = keras.ops.convert_to_numpy(model(inputs))
    return outputs


def _written(model: keras.Model, path: Path, form: ExportFormat, inputs: np.ndarray) -> np.ndarray:
    """Writes the model, and returns the outputs of the written model on the inputs."""
    try:
        if form is ExportFormat.KERAS:
            model.save(path)
        else:
            if form is ExportFormat.ONNX:
                register_erfc()
            _outputs(model, inputs)  # Keras does not export a model that was never called.
            model.export(path, format=_KERAS_NAMES[form], verbose=False)
        return np.asarray(READERS[form](path, inputs))
    # Exporters, runtimes and what they import can fail in any way.
    except Exception as error:
        reason = (str(error).strip() or "no reason given").splitlines()[0]
        raise LadderError(
            f"Keras cannot export this model as {form}: {type(error).__name__}: {reason}"
        ) from error


def _difference(found: np.ndarray, expected: np.ndarray, *, of_values: bool) -> float:
    if found.shape != expected.shape:
        return float("inf")
    # Values in the target's unit can be of any size, so compare with the largest, unless all are 0.
    largest = np.abs(expected).max() if of_values and expected.any() else 1.0
    return float(np.abs(found - expected).max() / largest)


def _is_exact(run: Run) -> bool:
    return run.details.get("precision", "float32") == "float32"


def _about(data: Mapping[str, Any]) -> str:
    low, high = data["value_range"]
    word = example_word(data)
    what = f"raw pixels from {low:g} to {high:g}" if word == "image" else f"raw {word}s"
    takes = f"It takes {what}, float32 of shape (n, {', '.join(map(str, shape_of(data)))}),"
    if "classes" in data:
        return f"{takes} and gives the probabilities of {listed(data['classes'])}."
    return f"{takes} and gives values in units of the target."
