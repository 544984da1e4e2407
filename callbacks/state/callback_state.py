"""What the callbacks of a fit remember from one epoch to the next."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import keras

from .keras_private import CALLBACK_ATTRIBUTES

# Keras's callbacks have no way to ask for their state.
_KEPT_OF_KERAS: dict[type[keras.callbacks.Callback], tuple[str, ...]] = {
    keras.callbacks.History: ("epoch", "history"),
    keras.callbacks.EarlyStopping: (
        "best",
        "best_epoch",
        "best_weights",
        "stopped_epoch",
        "wait",
    ),
    keras.callbacks.ReduceLROnPlateau: ("best", "cooldown_counter", "wait"),
    keras.callbacks.ModelCheckpoint: (
        "best",
        *CALLBACK_ATTRIBUTES[keras.callbacks.ModelCheckpoint],
    ),
    keras.callbacks.OrbaxCheckpoint: (
        "best",
        *CALLBACK_ATTRIBUTES[keras.callbacks.OrbaxCheckpoint],
    ),
    keras.callbacks.SwapEMAWeights: CALLBACK_ATTRIBUTES[keras.callbacks.SwapEMAWeights],
    keras.callbacks.TensorBoard: CALLBACK_ATTRIBUTES[keras.callbacks.TensorBoard],
}


def callback_states(callbacks: Iterable[keras.callbacks.Callback]) -> dict[str, Any]:
    """The state of those callbacks that have one, by class and number within the class.

    These are the callbacks that offer `state_dict()`, and Keras's own `History`, `EarlyStopping`,
    `ReduceLROnPlateau`, `ModelCheckpoint`, `OrbaxCheckpoint`, `SwapEMAWeights`, `TensorBoard`, and
    `CSVLogger`, with its file.
    """
    states = {name: _state(callback) for name, callback in named(callbacks)}
    return {name: state for name, state in states.items() if state is not None}


def restore_callbacks(
    callbacks: Iterable[keras.callbacks.Callback], states: dict[str, Any]
) -> list[str]:
    """Give each of these callbacks the state that `callback_states` returned for it.

    Returns:
        The names of the callbacks that have a state now but had none when it was saved.
    """
    missing = []
    for name, callback in named(callbacks):
        if name in states:
            _restore(callback, states[name])
        elif _state(callback) is not None:
            missing.append(name)
    return missing


def named(
    callbacks: Iterable[keras.callbacks.Callback],
) -> Iterator[tuple[str, keras.callbacks.Callback]]:
    """The callbacks, each with its class and its number within the class, as `EarlyStopping 2`."""
    seen: Counter[str] = Counter()
    for callback in callbacks:
        kind = type(callback).__name__
        seen[kind] += 1
        yield f"{kind} {seen[kind]}", callback


def kept_attributes(callback: keras.callbacks.Callback) -> tuple[str, ...]:
    """The attributes of a Keras callback (or subclass of one) that `callback_states` keeps."""
    if isinstance(callback, keras.callbacks.CSVLogger):
        return ("keys", "append_header")
    return next((kept for kind, kept in _KEPT_OF_KERAS.items() if isinstance(callback, kind)), ())


def _state(callback: keras.callbacks.Callback) -> dict[str, Any] | None:
    if hasattr(callback, "state_dict"):
        return callback.state_dict()
    if isinstance(callback, keras.callbacks.CSVLogger):
        return _logged(callback)
    kept = kept_attributes(callback)
    return {name: getattr(callback, name) for name in kept} if kept else None


def _restore(callback: keras.callbacks.Callback, state: dict[str, Any]) -> None:
    if hasattr(callback, "load_state_dict"):
        callback.load_state_dict(state)
        return
    if isinstance(callback, keras.callbacks.CSVLogger):
        _log_again(callback, state)
        return
    for name in kept_attributes(callback):
        setattr(callback, name, state[name])


def _logged(callback: keras.callbacks.CSVLogger) -> dict[str, Any]:
    file = Path(callback.filename)
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return {"text": text, "keys": callback.keys}


def _log_again(callback: keras.callbacks.CSVLogger, state: dict[str, Any]) -> None:
    """Restores what the file held: Keras emptied it when this training began."""
    callback.csv_file.seek(0)
    callback.csv_file.truncate()
    callback.csv_file.write(state["text"])
    callback.csv_file.flush()
    callback.keys = state["keys"]
    callback.append_header = callback.append_header and not state["text"]
