"""Keras's backend and precision, without importing Keras, which loads the backend."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from typing import Any, NamedTuple

from ..argument_checks import is_whole
from ..runs.keras_home import keras_home
from .errors import LadderError

BACKENDS = ("tensorflow", "jax", "torch")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
FLOATX = "float32"
# If these are set, Keras ends every training early; they are meant for trying a program out.
LIMITS = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")


class KerasSettings(NamedTuple):
    """What Keras will run with in a worker."""

    backend: str
    precision: str
    threads: int = 1


def keras_settings(
    backend: str | None = None, precision: str | None = None, threads: int = 1
) -> KerasSettings:
    """Returns the requested settings, or those of the environment and keras.json, as in Keras.

    If these name no backend, the first installed one of BACKENDS is used. Keras writes TensorFlow
    into keras.json unasked, so TensorFlow there counts only if it is installed. The floatx of
    keras.json must be float32: losses and metrics are computed in it, whatever the policy is.

    Args:
        backend: one of BACKENDS.
        precision: a Keras dtype policy, one of PRECISIONS; None takes the policy that this process
            has set, or float32 if it has not imported Keras.
        threads: number of threads of a worker, 1 or more.

    Raises:
        LadderError: for a backend that is not installed, an unknown precision, an invalid number of
            threads, a keras.json that is not JSON or has another floatx, or an environment in which
            Keras would end every training early.
    """
    if precision is not None and precision not in PRECISIONS:
        raise LadderError(
            f"precision (--precision) takes one of {', '.join(PRECISIONS)}. Received: {precision!r}"
        )
    if not is_whole(threads, 1):
        raise LadderError(f"threads must be a whole number from 1. Received: threads={threads!r}")
    # NumPy's integers cannot be written as JSON.
    return KerasSettings(_backend(backend), precision or _policy(), int(threads))


def settle_backend(backend: str | None = None) -> None:
    """Makes Keras use the backend that `keras_settings` returns; call it before importing Keras.

    A user's recipe or network imports Keras as soon as the ladder is read.

    Raises:
        LadderError: as `keras_settings` does.
    """
    os.environ["KERAS_BACKEND"] = _backend(backend)


def _backend(backend: str | None) -> str:
    _check_limits()
    content = _keras_json()
    installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
    written = content.get("backend", BACKENDS[0])
    if written == BACKENDS[0] and installed:
        written = installed[0]
    chosen = backend or os.environ.get("KERAS_BACKEND") or written
    if chosen not in installed:
        where = "backend (--backend) is" if backend else "Keras's backend is set to"
        what = "not installed" if chosen in BACKENDS else f"none of {', '.join(BACKENDS)}"
        raise LadderError(
            f"{where} {chosen!r}, which is {what}. Installed, for backend (--backend) or for "
            f"KERAS_BACKEND: {', '.join(installed) or 'none'}."
        )
    return chosen


def _check_limits() -> None:
    """Refuses to train runs that would end before their last epoch, yet look finished."""
    for name in LIMITS:
        if name in os.environ:
            raise LadderError(
                f"The environment sets {name} to {os.environ[name]!r}, which makes Keras end every "
                "training early. Unset it; use --epochs, --limit-train or --dry-run to make a "
                "study small."
            )


def _policy() -> str:
    # If Keras is not imported, its policy can only be that of its floatx.
    if (keras := sys.modules.get("keras")) is None:
        return PRECISIONS[0]
    name = str(keras.config.dtype_policy().name)
    if name not in PRECISIONS:
        raise LadderError(
            f"Keras's dtype policy is set to {name!r} in this process, but runs are trained with "
            f"one of {', '.join(PRECISIONS)}. Give one of these as precision (--precision)."
        )
    return name


def _keras_json() -> dict[str, Any]:
    config = keras_home() / "keras.json"
    if not config.is_file():
        return {}
    try:
        content = json.loads(config.read_text(encoding="utf-8"))
    except ValueError as error:
        raise LadderError(f"{config} is not valid JSON: {error}. Fix or remove it.") from error
    if not isinstance(content, dict):
        raise LadderError(f"{config} holds no JSON object. Fix or remove it.")
    if (floatx := content.get("floatx", FLOATX)) != FLOATX:
        raise LadderError(
            f'{config} sets floatx to {floatx!r}, but trickbook computes only with "{FLOATX}". '
            f'Write "floatx": "{FLOATX}" there; for half precision give --precision mixed_bfloat16 '
            "or mixed_float16."
        )
    return content
