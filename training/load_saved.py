"""Loading a model that was saved."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from ..runs.own_sources import own_modules
from ..runs.run_folder import Run
from ..runs.saved_weights import MODEL
from .errors import LadderError


def load_saved(run: Run) -> keras.Model:
    """Returns the run's model from raw inputs to logits or values, uncompiled.

    Raises:
        LadderError: if it cannot be loaded.
    """
    return load_file(run.folder / MODEL, run.details["blueprint"])


def load_file(file: Path, blueprint: Mapping[str, Any]) -> keras.Model:
    """Returns the model of a .keras file, uncompiled.

    Args:
        file: path of the file.
        blueprint: blueprint of the run that saved it, which names the user's own modules; empty if
            no run saved it.

    Raises:
        LadderError: if it cannot be loaded; the text is one line.
    """
    # Loading finds layers by their registered names: ours, and those of the user's modules.
    for module in ("trickbook.layers", *sorted(own_modules(blueprint))):
        _import(module, file)
    try:
        model: keras.Model = keras.saving.load_model(file, compile=False)
    # A damaged file, or one with layers that are not registered, can raise anything.
    except Exception as error:
        what = "" if zipfile.is_zipfile(file) else "it is not a file saved by Keras: "
        said = " ".join(str(error).split())
        raise LadderError(f"{file} cannot be loaded: {what}{said[:300]}") from error
    return model


def _import(module: str, file: Path) -> None:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise LadderError(
            f"The model in {file.parent} needs its author's module {module!r}, but {error}. "
            f"Install it, or start the command in the folder that holds it (now: {Path.cwd()})."
        ) from error
    # A user's module can fail in any way.
    except (Exception, SystemExit) as error:
        raise LadderError(
            f"The model in {file.parent} needs the module {module!r}, but importing it raised "
            f"{type(error).__name__}: {error}"
        ) from error
