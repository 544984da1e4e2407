"""`loss_text`: what run.json calls a loss, so that losses of other settings are not compared."""

from typing import Any

import keras

from ..state.keras_private import loss_arguments


def loss_text(loss: Any) -> str | None:
    """A loss by its name and those of its settings that are not the defaults.

    It is the same however the loss is given, by name, as a function or as an object, and whatever
    name the user gave to it.

    Args:
        loss: What one output is compiled with; None for nothing.

    Example:
    >>> loss_text = trickbook.callbacks.recording.loss_text.loss_text
    >>> loss_text("mse"), loss_text(keras.losses.MeanSquaredError(name="error"))
    ('mean_squared_error', 'mean_squared_error')
    >>> loss_text(keras.losses.Huber(delta=0.1))
    'huber(delta=0.1)'
    """
    if loss is None:
        return None
    try:
        found = keras.losses.get(loss)
    except ValueError:  # `crossentropy` is a name to `compile` alone
        return str(loss)
    if not isinstance(found, keras.losses.Loss):
        return str(getattr(found, "__name__", None) or type(found).__name__)
    settings = ", ".join(f"{name}={value}" for name, value in _own_settings(found).items())
    return f"{_name(found)}({settings})" if settings else _name(found)


def _name(loss: keras.losses.Loss) -> str:
    # Keras's own have the name of their function, by which most are compiled.
    kind = type(loss)
    function = getattr(loss, "fn", None) if kind.__module__.startswith("keras.") else None
    return str(getattr(function, "__name__", kind.__name__))


def _own_settings(loss: keras.losses.Loss) -> dict[str, str]:
    try:
        default = type(loss)()
    except Exception:  # a user's own may need arguments, and refuse to be without
        default = keras.losses.Loss()
    defaults = _settings(default)
    return {name: text for name, text in _settings(loss).items() if text != defaults.get(name)}


def _settings(loss: keras.losses.Loss) -> dict[str, str]:
    # The configs of some of Keras's, such as Huber's, lack their arguments.
    held = loss.get_config() | loss_arguments(loss)
    return {name: str(value) for name, value in sorted(held.items()) if name != "name"}
