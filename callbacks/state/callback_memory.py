"""Noticing that a callback remembers something of which no state is kept."""

import math
import random
from collections import deque
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import keras
import numpy as np

from .callback_state import kept_attributes, named

# Values of an array that are looked at after every epoch: some milliseconds' worth.
_MOST_VALUES = 100_000


def unseen_values(callbacks: Iterable[keras.callbacks.Callback]) -> dict[str, dict[str, str]]:
    """What the attributes of a user's callbacks hold that are not kept, by their names.

    A callback of which something changes here while it trains remembers what is lost with a kill.
    An array is looked at where it is no larger than some 100,000 values, and in memory.
    Keras's own are left out, as those that remember anything are kept, and so are those that offer
    a state.
    """
    return {
        name: _texts(one)
        for name, one in named(callbacks)
        if not type(one).__module__.startswith("keras.") and not hasattr(one, "state_dict")
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


def _texts(callback: keras.callbacks.Callback) -> dict[str, str]:
    kept = kept_attributes(callback)
    texts = {key: _text(value) for key, value in vars(callback).items() if key not in kept}
    return {key: text for key, text in texts.items() if text is not None}


def _text(value: Any) -> str | None:
    """A text that changes when a value does; None for what cannot be told of.

    That is a large array, too, and one in a file, which would be read whole.
    """
    if _is_large(value):
        return None
    value = _opened(value)
    if isinstance(value, np.ndarray):
        # Its own text leaves out the middle of a long one.
        return f"{value.dtype} {value.shape} {sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, list | tuple | deque | set | frozenset):
        texts = [_text(item) for item in value]
        if isinstance(value, set | frozenset):
            texts.sort(key=str)
        return None if None in texts else repr(texts)
    is_plain = value is None or isinstance(value, int | float | str | np.number)
    return repr(value) if is_plain else None


def _is_large(value: Any) -> bool:
    is_array = isinstance(value, np.ndarray | keras.Variable)
    return isinstance(value, np.memmap) or (is_array and math.prod(value.shape) > _MOST_VALUES)


def _opened(value: Any) -> Any:
    """What a dictionary, a random generator or a variable holds; else the value itself."""
    if isinstance(value, np.random.RandomState):
        value = value.get_state(legacy=False)
    if isinstance(value, np.random.Generator):
        value = value.bit_generator.state
    if isinstance(value, random.Random):
        return value.getstate()
    if isinstance(value, keras.Variable):
        return keras.ops.convert_to_numpy(value.value)
    return [*value, *value.values()] if isinstance(value, dict) else value
