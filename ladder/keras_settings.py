"""Keras's backend and precision, without importing Keras, which loads the backend."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import NamedTuple

from .errors import LadderError

BACKENDS = ("tensorflow", "jax", "torch")


class KerasSettings(NamedTuple):
    """What Keras will run with in a worker."""

    backend: str
    precision: str


def keras_settings() -> KerasSettings:
    """Returns what the environment and keras.json say, as Keras reads them.

    Raises:
        LadderError: if keras.json is no JSON, or names a backend that is not installed.
    """
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    config = home / "keras.json"
    content = {}
    if config.is_file():
        try:
            content = json.loads(config.read_text(encoding="utf-8"))
        except ValueError as error:
            raise LadderError(f"{config} is not valid JSON: {error}. Mend or remove it.") from error
    backend = os.environ.get("KERAS_BACKEND") or content.get("backend", "tensorflow")
    if backend not in BACKENDS or importlib.util.find_spec(backend) is None:
        installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
        raise LadderError(
            f"Keras's backend is set to {backend!r}, which is not installed. Set KERAS_BACKEND to "
            f"one that is: {', '.join(installed)}."
        )
    return KerasSettings(backend, content.get("floatx", "float32"))
