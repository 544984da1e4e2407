"""A backbone from a saved model: a .keras file, or one of our runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from ...recipes import RecipeError
from ...runs.errors import ReportError
from ...runs.run_folder import read_object
from ...runs.saved_weights import weights_file
from ..errors import LadderError
from ..load_saved import load_file
from .graph import before_head, flat, functional
from .precision import take_precision
from .pretrained import Backbone, is_rgb_for_grey


def load_saved(
    source: str, input_shape: tuple[int, ...], value_range: tuple[float, float]
) -> Backbone:
    """Returns the part of a saved network before its last dense layer.

    It takes raw inputs: any scaling is among its layers, as in the models that our runs save. It
    computes in the current precision, whatever it was saved with.

    Args:
        source: path of a .keras file, or folder of a run.
        input_shape: shape of the inputs; grey images are shown as RGB to a network that takes RGB.
        value_range: lowest and highest value of a raw pixel; if `source` is a run, it must be the
            same there.

    Raises:
        RecipeError: in one line, if the network is not available or does not fit.
    """
    try:
        file = weights_file(source)
        run = read_object(Path(source) / "run.json") if Path(source).is_dir() else {}
        _check_range(source, run.get("data") or {}, value_range)
        saved = load_file(file, run.get("blueprint") or {})
    except (ReportError, LadderError) as error:
        raise RecipeError(f"transfer: {error}") from error
    whole = _functional(source, saved)
    shape = _shape_shown(source, whole, input_shape)
    take_precision(whole)
    return Backbone.of(source, before_head(flat(whole, shape)))


def _functional(source: str, model: keras.Model) -> keras.Model:
    model = functional(model)
    if not hasattr(model, "operations") or len(model.inputs) != 1 or len(model.outputs) != 1:
        raise RecipeError(
            f"transfer: the model in {source} cannot be taken apart. Give one of Keras's "
            "Functional or Sequential kind, with one input and one output."
        )
    return model


def _check_range(source: str, data: Mapping[str, Any], value_range: tuple[float, float]) -> None:
    there = tuple(data.get("value_range") or ())
    if "image_shape" in data and there and there != tuple(value_range):
        raise RecipeError(
            f"transfer: the pixels that {source} was trained on go from {there[0]:g} to "
            f"{there[1]:g}, and these from {value_range[0]:g} to {value_range[1]:g}. Bring them to "
            f"the same range; or give {Path(source) / 'model.keras'}, which takes them as they are."
        )


def _shape_shown(source: str, model: keras.Model, input_shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the shape of the model's inputs, after grey images are turned into RGB if needed."""
    wanted = tuple(model.input_shape[1:])
    is_rgb = is_rgb_for_grey(model, input_shape)
    shown = (*input_shape[:-1], 3) if is_rgb else tuple(input_shape)
    fits = len(wanted) == len(shown) and all(
        one in (None, other) for one, other in zip(wanted, shown, strict=True)
    )
    if not fits:
        raise RecipeError(
            f"transfer: {source} takes inputs of shape {wanted}, but these are {input_shape}. "
            "Bring them to that shape (--image-size H,W for a folder), or take another backbone."
        )
    return shown
