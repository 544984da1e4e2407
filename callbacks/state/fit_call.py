"""The call of `fit` that a callback is part of: Keras gives a callback only the model."""

import sys
from types import FrameType
from typing import Any, NamedTuple

import keras


class FitCall(NamedTuple):
    """What a callback cannot learn from `model` and `params`."""

    callbacks: keras.callbacks.CallbackList
    """The list of callbacks that this fit calls; Keras makes a new one for each fit."""
    x: Any
    """The training data as the user gave them; None in a user's own training loop."""
    steps_per_epoch: int | None


def callbacks_beside(callback: keras.callbacks.Callback) -> list[keras.callbacks.Callback]:
    """The callbacks that are called with this one, itself included; call it from `set_model`.

    Empty if no Keras `CallbackList` is among the callers, as in a loop that calls them by hand.
    """
    found = _list_of(callback, _callers())
    return [] if found is None else list(found.callbacks)


def find_fit_call(callback: keras.callbacks.Callback) -> FitCall:
    """Find the fit that is setting the model of `callback`; call this from `set_model`.

    It reads the local variables of the callers, as Keras passes them to no callback.

    Raises:
        RuntimeError: No Keras `CallbackList` is among the callers.
    """
    callers = _callers()
    callbacks = _list_of(callback, callers)
    if callbacks is None:
        raise RuntimeError(
            f"{type(callback).__name__} works in the callbacks of model.fit, or in a "
            f"keras.callbacks.CallbackList. Received: a call of set_model by {callers[0].f_code}"
        )
    fit = next((frame.f_locals for frame in callers if _is_keras_fit(frame)), {})
    return FitCall(callbacks, fit.get("x"), fit.get("steps_per_epoch"))


def iterator_of_fit() -> Any:
    """What the Keras fit among the callers, on TensorFlow, takes its batches from; None elsewhere.

    This too is one of the local variables of `fit`.
    """
    fit = next((frame.f_locals for frame in _callers() if _is_keras_fit(frame)), {})
    return fit.get("iterator")


def _list_of(
    callback: keras.callbacks.Callback, callers: list[FrameType]
) -> keras.callbacks.CallbackList | None:
    lists = (frame.f_locals.get("self") for frame in callers)
    found = next((one for one in lists if isinstance(one, keras.callbacks.CallbackList)), None)
    return None if found is None or callback not in found.callbacks else found


def _callers() -> list[FrameType]:
    frames = []
    frame: FrameType | None = sys._getframe(3)  # past our caller and the method that it serves
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _is_keras_fit(frame: FrameType) -> bool:
    # The user's model may override fit, with other names for the data.
    return frame.f_code.co_name == "fit" and frame.f_globals["__name__"].startswith("keras.")
