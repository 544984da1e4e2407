"""Whether a training resumed at a later epoch sees the data in the order it would have had."""

import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

_GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)


def epoch_setter(x: Any) -> Callable[[int], None] | None:
    """The `set_epoch` of a data set, or of the sampler of a PyTorch `DataLoader`, if it has one."""
    for one in (x, getattr(x, "sampler", None), getattr(x, "batch_sampler", None)):
        setter = getattr(one, "set_epoch", None)
        if callable(setter):
            return setter
    return None


def order_is_known(x: Any, steps_per_epoch: int | None) -> bool:
    """Whether the order of an epoch's data follows from the random state when the epoch begins.

    That is so for arrays, which Keras shuffles from Python's, NumPy's or PyTorch's random numbers
    (on TensorFlow with a seed, in the same order in every epoch); for a `PyDataset` that does
    nothing between epochs, has no generator of its own, and on JAX and PyTorch no more than one
    worker; and for a `DataLoader` without a generator of its own. For a `tf.data` set or a
    generator it cannot be found out.

    Args:
        x: What `fit` was given; None where that is not known.
        steps_per_epoch: What `fit` was given; if set, an epoch may begin in the middle of the data.
    """
    if x is None:
        return True
    if steps_per_epoch is not None:
        return False
    if isinstance(x, keras.utils.PyDataset):
        return _is_same_each_epoch(x)
    if type(x).__module__.startswith("torch.utils.data"):
        return x.generator is None and getattr(x.sampler, "generator", None) is None
    return all(hasattr(leaf, "shape") for leaf in keras.tree.flatten(x))


def _is_same_each_epoch(x: keras.utils.PyDataset) -> bool:
    base, own = keras.utils.PyDataset, type(x)
    has_hooks = own.on_epoch_begin is not base.on_epoch_begin or (
        own.on_epoch_end is not base.on_epoch_end
    )
    draws = any(isinstance(value, _GENERATORS) for value in vars(x).values())
    # Except on TensorFlow, several workers run ahead into the next epoch.
    runs_ahead = x.workers > 1 and keras.backend.backend() != "tensorflow"
    return not (has_hooks or draws or runs_ahead)
