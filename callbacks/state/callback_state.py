"""What the callbacks of a fit remember from one epoch to the next."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import keras

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
        "_batches_seen_since_last_saving",
        "_last_batch_seen",
    ),
    keras.callbacks.SwapEMAWeights: ("_ema_weights_in_model",),
}


def callback_states(callbacks: Iterable[keras.callbacks.Callback]) -> dict[str, Any]:
    """The state of those callbacks that have one, by their class and their place among its kind.

    These are the callbacks that offer `state_dict()`, and Keras's own `History`, `EarlyStopping`,
    `ReduceLROnPlateau`, `ModelCheckpoint` and `SwapEMAWeights`.
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


def _state(callback: keras.callbacks.Callback) -> dict[str, Any] | None:
    if hasattr(callback, "state_dict"):
        return callback.state_dict()
    kept = _kept_of_keras(callback)
    return {name: getattr(callback, name) for name in kept} if kept else None


def _restore(callback: keras.callbacks.Callback, state: dict[str, Any]) -> None:
    if hasattr(callback, "load_state_dict"):
        callback.load_state_dict(state)
        return
    for name in _kept_of_keras(callback):
        setattr(callback, name, state[name])


def _kept_of_keras(callback: keras.callbacks.Callback) -> tuple[str, ...]:
    return next((kept for kind, kept in _KEPT_OF_KERAS.items() if isinstance(callback, kind)), ())
