"""Turning a mixed-precision model into a float32 one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def in_float32(model: keras.Model) -> keras.Model:
    """Returns the model with the same weights, computing in float32.

    In mixed precision the weights are float32 too, so only rounding differs.
    """
    copy = type(model).from_config(_in_float32(model.get_config()))
    copy.set_weights(model.get_weights())
    return copy


def _in_float32(value: Any) -> Any:
    """Returns a config with the policies in it replaced."""
    if isinstance(value, list | tuple):
        return type(value)(_in_float32(one) for one in value)
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "DTypePolicy":
        return "float32"
    return {key: _in_float32(one) for key, one in value.items()}
