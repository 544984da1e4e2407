"""What the callbacks of a fit remember from one epoch to the next."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

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
    keras.callbacks.SwapEMAWeights: CALLBACK_ATTRIBUTES[keras.callbacks.SwapEMAWeights],
}


def callback_states(callbacks: Iterable[keras.callbacks.Callback]) -> dict[str, Any]:
    """The state of those callbacks that have one, by their class and their place among its kind.

    These are the callbacks that offer `state_dict()`, and Keras's own `History`, `EarlyStopping`,
    `ReduceLROnPlateau`, `ModelCheckpoint`, `SwapEMAWeights` and `CSVLogger`, with its file.
    """
    states = {name: _state(callback) for name, callback in _named(callbacks)}
    return {name: state for name, state in states.items() if state is not None}


def restore_callbacks(
    callbacks: Iterable[keras.callbacks.Callback], states: dict[str, Any]
) -> list[str]:
    """Give each of these callbacks the state that `callback_states` returned for it.

    Returns:
        The names of those callbacks that have a state now and had none then.
    """
    missing = []
    for name, callback in _named(callbacks):
        if name in states:
            _restore(callback, states[name])
        elif _state(callback) is not None:
            missing.append(name)
    return missing


def _named(
    callbacks: Iterable[keras.callbacks.Callback],
) -> Iterator[tuple[str, keras.callbacks.Callback]]:
    seen: Counter[str] = Counter()
    for callback in callbacks:
        kind = type(callback).__name__
        seen[kind] += 1
        yield f"{kind} {seen[kind]}", callback


def unseen_values(
    callbacks: Iterable[keras.callbacks.Callback],
) -> dict[str, dict[str, str]]:
    """What callbacks without a state that is kept hold of plain values, by their names.

    A callback of which something changes here while it trains remembers what is lost with a kill.
    Keras's own are left out: those that remember anything are kept.
    """
    return {
        name: {key: repr(value) for key, value in vars(one).items() if _is_plain(value)}
        for name, one in _named(callbacks)
        if not type(one).__module__.startswith("keras.") and _state(one) is None
    }


def who_remembers(
    before: dict[str, dict[str, str]], now: dict[str, dict[str, str]], epoch: int
) -> list[str]:
    """The names of those of whose `unseen_values` something changed in the epoch, or just before.

    The number of the epoch, counted from 0, is no memory: the next one tells it anew.
    """
    return [
        name
        for name, values in now.items()
        if any(
            text not in (before.get(name, values).get(key), repr(epoch))
            for key, text in values.items()
        )
    ]


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, int | float | str | np.number | np.ndarray)


def _state(callback: keras.callbacks.Callback) -> dict[str, Any] | None:
    if hasattr(callback, "state_dict"):
        return callback.state_dict()
    if isinstance(callback, keras.callbacks.CSVLogger):
        return _logged(callback)
    kept = _kept_of_keras(callback)
    return {name: getattr(callback, name) for name in kept} if kept else None


def _restore(callback: keras.callbacks.Callback, state: dict[str, Any]) -> None:
    if hasattr(callback, "load_state_dict"):
        callback.load_state_dict(state)
        return
    if isinstance(callback, keras.callbacks.CSVLogger):
        _log_again(callback, state)
        return
    for name in _kept_of_keras(callback):
        setattr(callback, name, state[name])


def _logged(callback: keras.callbacks.CSVLogger) -> dict[str, Any]:
    file = Path(callback.filename)
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return {"text": text, "keys": callback.keys}


def _log_again(callback: keras.callbacks.CSVLogger, state: dict[str, Any]) -> None:
    """Gives the file back what it held, which Keras has emptied when this training began."""
    callback.csv_file.seek(0)
    callback.csv_file.truncate()
    callback.csv_file.write(state["text"])
    callback.csv_file.flush()
    callback.keys = state["keys"]
    callback.append_header = callback.append_header and not state["text"]


def _kept_of_keras(callback: keras.callbacks.Callback) -> tuple[str, ...]:
    return next((kept for kind, kept in _KEPT_OF_KERAS.items() if isinstance(callback, kind)), ())
