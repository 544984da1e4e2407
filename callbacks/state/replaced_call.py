"""Letting something else happen where a layer is called."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def replaced_call(
    layer: keras.Layer, wrapped: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Iterator[None]:
    """While open, `wrapped(call)` is called where the layer's own `call` was."""
    own = vars(layer).get("call")
    # Bypasses the layer's attribute tracking, which may be locked; a function does not need it.
    vars(layer)["call"] = wrapped(layer.call)
    try:
        yield
    finally:
        if own is None:
            del vars(layer)["call"]
        else:
            vars(layer)["call"] = own
