"""Loading the model that a run has saved."""

from __future__ import annotations

import importlib
from pathlib import Path

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
    # Loading finds layers by their registered names: ours, and those of the user's modules.
    for module in ("trickbook.layers", *sorted(own_modules(run.details["blueprint"]))):
        _import(module, run.folder)
    path = run.folder / MODEL
    try:
        model: keras.Model = keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, OSError) as error:
        raise LadderError(f"{path} cannot be loaded: {error}") from error
    return model


def _import(module: str, folder: Path) -> None:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise LadderError(
            f"The model in {folder} needs the module {module!r} of its maker's, and {error}. "
            f"Install it, or start the command in the folder that holds it (now: {Path.cwd()})."
        ) from error
    # A user's module can fail in any way.
    except (Exception, SystemExit) as error:
        raise LadderError(
            f"The model in {folder} needs the module {module!r}, and importing it ended with "
            f"{type(error).__name__}: {error}"
        ) from error
