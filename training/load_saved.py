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
    """Returns the run's model from raw inputs to logits or values, not compiled.

    Raises:
        LadderError: if it cannot be loaded.
    """
    return load_file(run.folder / MODEL, run.details["blueprint"])


def load_file(file: Path, blueprint: Mapping[str, Any]) -> keras.Model:
    """Returns the model of a .keras file, not compiled.

    Args:
        file: where it is.
        blueprint: of the run that saved it, which names modules of a user's own; else empty.

    Raises:
        LadderError: if it cannot be loaded, in one line.
    """
    # Loading finds layers by their registered names: ours, and those of the user's modules.
    for module in ("trickbook.layers", *sorted(own_modules(blueprint))):
        _import(module, file)
    try:
        model: keras.Model = keras.saving.load_model(file, compile=False)
    # A file can be damaged, or hold layers that nobody has registered, in any way.
    except Exception as error:
        what = "" if zipfile.is_zipfile(file) else "it is no file that Keras has saved: "
        said = " ".join(str(error).split())
        raise LadderError(f"{file} cannot be loaded: {what}{said[:300]}") from error
    return model


def _import(module: str, file: Path) -> None:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise LadderError(
            f"The model in {file.parent} needs the module {module!r} of its maker's, and {error}. "
            f"Install it, or start the command in the folder that holds it (now: {Path.cwd()})."
        ) from error
    # A user's module can fail in any way.
    except (Exception, SystemExit) as error:
        raise LadderError(
            f"The model in {file.parent} needs the module {module!r}, and importing it ended with "
            f"{type(error).__name__}: {error}"
        ) from error
