"""Noticing that a callback remembers something that is not saved."""

import math
import random
from collections import deque
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import keras
import numpy as np

from .callback_state import kept_attributes, named

# Largest array that is compared after every epoch, in values: a few milliseconds' work.
_MOST_VALUES = 100_000


def unseen_values(callbacks: Iterable[keras.callbacks.Callback]) -> dict[str, dict[str, str]]:
    """The attributes of a user's callbacks that are not saved, as texts, by callback.

    If anything here changes during training, the callback remembers something that a kill loses.
    Arrays are included if they are in memory and have at most about 100,000 values. Keras's own
    callbacks are left out, as the state of all that remember anything is saved, and so are
    callbacks that offer a state.
    """
    return {
        name: _texts(one)
        for name, one in named(callbacks)
        if not type(one).__module__.startswith("keras.") and not hasattr(one, "state_dict")
    }


def who_remembers(
    before: dict[str, dict[str, str]], now: dict[str, dict[str, str]], epoch: int
) -> list[str]:
    """The callbacks whose `unseen_values` changed in the epoch, or just before, by name.

    The number of the epoch, counted from 0, is no memory: the next epoch gives it again.
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
    """A text that changes when a value does; None where that is not possible.

    None too for a large array, and for one in a file, which would have to be read whole.
    """
    if _is_large(value):
        return None
    value = _opened(value)
    if isinstance(value, np.ndarray):
        # NumPy's own text leaves out the middle of a long array.
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
