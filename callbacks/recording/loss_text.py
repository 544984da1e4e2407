"""`loss_text`: what run.json calls a loss, so that losses of unequal settings are not compared."""

from typing import Any

import keras

from ..state.keras_private import loss_arguments


def loss_text(loss: Any) -> str | None:
    """The name of a loss and those of its settings that are not the defaults.

    The text is the same however the loss is given, by name, as a function or as an object, and
    whatever name the user gave to it.

    Args:
        loss: What one output is compiled with; None if it has no loss.

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
    # Keras's own losses are called by the name of their function, which most users compile with.
    kind = type(loss)
    function = getattr(loss, "fn", None) if kind.__module__.startswith("keras.") else None
    return str(getattr(function, "__name__", kind.__name__))


def _own_settings(loss: keras.losses.Loss) -> dict[str, str]:
    try:
        default = type(loss)()
    except Exception:  # a user's own loss may require arguments
        default = keras.losses.Loss()
    defaults = _settings(default)
    return {name: text for name, text in _settings(loss).items() if text != defaults.get(name)}


def _settings(loss: keras.losses.Loss) -> dict[str, str]:
    # The configs of some Keras losses, such as Huber, lack their arguments.
    held = loss.get_config() | loss_arguments(loss)
    return {name: str(value) for name, value in sorted(held.items()) if name != "name"}
