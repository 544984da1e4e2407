"""Keras's backend and precision, without importing Keras, which loads the backend."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from .errors import LadderError

BACKENDS = ("tensorflow", "jax", "torch")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


class KerasSettings(NamedTuple):
    """What Keras will run with in a worker."""

    backend: str
    precision: str


def keras_settings(backend: str | None = None, precision: str | None = None) -> KerasSettings:
    """Returns what was asked for, else what the environment and keras.json say, as Keras reads it.

    Args:
        backend: one of BACKENDS.
        precision: a dtype policy of Keras, one of PRECISIONS.

    Raises:
        LadderError: for a backend that is not installed, an unknown precision, or a keras.json that
            is no JSON.
    """
    if precision is not None and precision not in PRECISIONS:
        raise LadderError(
            f"--precision takes one of {', '.join(PRECISIONS)}. Received: {precision!r}"
        )
    content = _keras_json()
    held = os.environ.get("KERAS_BACKEND") or content.get("backend", "tensorflow")
    chosen = backend or held
    if chosen not in BACKENDS or importlib.util.find_spec(chosen) is None:
        installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
        where = "--backend is" if backend else "Keras's backend is set to"
        raise LadderError(
            f"{where} {chosen!r}, which is not installed. Give one that is, by --backend or "
            f"KERAS_BACKEND: {', '.join(installed) or 'there is none'}."
        )
    return KerasSettings(chosen, precision or content.get("floatx", "float32"))


def _keras_json() -> dict[str, Any]:
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    config = home / "keras.json"
    if not config.is_file():
        return {}
    try:
        content: dict[str, Any] = json.loads(config.read_text(encoding="utf-8"))
    except ValueError as error:
        raise LadderError(f"{config} is not valid JSON: {error}. Mend or remove it.") from error
    return content
